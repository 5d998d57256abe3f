import Foundation
import Testing

@Suite struct AlertTests {
    private let repository = Repository.here
    private let rules = "deploy/alerts/quittance.yml"

    @Test func `every alert has a runbook, and every runbook an alert`() throws {
        let alerts = try words(after: "- alert: ", in: repository.text(rules))
        #expect(alerts.count > 5)
        let pages = repository.paths().filter { $0.hasPrefix("deploy/runbooks/") && !$0.hasSuffix("README.md") }
        #expect(Set(pages) == Set(alerts.map { "deploy/runbooks/\($0).md" }))
        let index = try repository.text("deploy/runbooks/README.md")
        for alert in alerts { #expect(index.contains("(\(alert).md)"), "the index leaves \(alert) out") }
    }

    @Test func `every metric an alert or a runbook names is one that the code counts`() throws {
        let code = try repository.paths().filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Tests/") }
            .map(repository.text).joined()
        let pages = repository.paths().filter { $0.hasPrefix("deploy/runbooks/") } + [rules]
        let named = try pages.flatMap { page in try metrics(in: repository.text(page)).map { (page, $0) } }
        #expect(named.count > pages.count)
        for (page, metric) in named { #expect(isCounted(metric, in: code), "\(page) names \(metric)") }
    }

    @Test func `a metric nobody counts is found`() {
        #expect(!isCounted("quittance_gone_total", in: #"Counter(label: "quittance_there")"#))
        #expect(isCounted("quittance_there_total", in: #"Counter(label: "quittance_there")"#))
        #expect(metrics(in: "rate(quittance_a_b{x=\"y\"}[5m]) `quittance_c`") == ["quittance_a_b", "quittance_c"])
    }

    /// The exporter adds these to the names the code uses.
    private func isCounted(_ metric: String, in code: String) -> Bool {
        ["", "_total", "_seconds", "_seconds_count", "_count"].contains { suffix in
            metric.hasSuffix(suffix) && code.contains("\"\(metric.dropLast(suffix.count))\"")
        }
    }

    private func metrics(in text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
            .filter { $0.hasPrefix("quittance_") && $0 != "quittance_" }
    }

    private func words(after mark: String, in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            line.range(of: mark).map { String(line[$0.upperBound...]) }
        }
    }
}
