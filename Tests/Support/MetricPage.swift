/// A page of metrics, read as Prometheus reads it.
package struct MetricPage: Sendable, CustomStringConvertible {
    private let lines: [Substring]

    package init(_ body: [UInt8]) { lines = String(decoding: body, as: UTF8.self).split(separator: "\n") }

    package var description: String { lines.joined(separator: "\n") }

    /// What each series of a metric has come to that has all of these labels, such as `outcome="accepted"`.
    package func values(of name: String, _ labels: [String] = []) -> [Double] {
        lines.filter { line in
            // The whole name: others may begin with it.
            line.prefix { $0 != "{" && $0 != " " } == name && labels.allSatisfy { line.contains($0) }
        }.compactMap { line in line.split(separator: " ").last.flatMap { Double($0) } }
    }

    /// What they have come to together; zero where there are none.
    package func sum(of name: String, _ labels: [String] = []) -> Double { values(of: name, labels).reduce(0, +) }
}
