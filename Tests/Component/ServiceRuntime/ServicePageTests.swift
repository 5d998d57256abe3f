import EventContract
import Foundation
import ServiceRuntime
import Testing
import TransactionalMessaging

/// The page of a service, for those of its sections that the code knows better.
struct ServicePage {
    /// The table of one section.
    struct Table {
        let columns: [String]
        let rows: [[String]]

        /// The first cells, without their backticks.
        var names: [String] { rows.map { $0[0] } }
    }

    /// The service's folder.
    let folder: String
    private let sections: [String: [String]]

    init(_ service: BareService) throws {
        // …/Tests/Component/ServiceRuntime/ServicePageTests.swift
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = "\(root)/Services/\(service.folder)"
        self.init(folder: folder, text: try Self.text("\(folder)/README.md"))
    }

    init(folder: String, text: String) {
        self.folder = folder
        var sections: [String: [String]] = [:]
        var heading = ""
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
            sections[heading, default: []].append(line)
        }
        self.sections = sections
    }

    /// The text of a section.
    func section(_ heading: String) -> String { sections[heading]?.joined(separator: "\n") ?? "" }

    /// The table of a section; empty where it has none.
    func table(_ heading: String) -> Table {
        let lines = (sections[heading] ?? []).filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
        return Table(columns: lines.first ?? [], rows: Array(lines.dropFirst(2)))
    }

    /// Names of the tables its migrations make, in their order.
    func migratedTables() throws -> [String] {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/Service/Migrations").sorted()
        return try files.flatMap { file in
            try Self.text("\(folder)/Service/Migrations/\(file)").split(separator: "\n").compactMap { line in
                let words = line.split(whereSeparator: { $0 == " " || $0 == "(" }).map(String.init)
                return words.starts(with: ["CREATE", "TABLE"]) && words.count > 2 ? words[2] : nil
            }
        }
    }

    /// All Swift sources of the service's own target.
    func code() throws -> String {
        let files = FileManager.default.enumerator(atPath: "\(folder)/Service")?.allObjects as? [String] ?? []
        return try files.filter { $0.hasSuffix(".swift") }.map { try Self.text("\(folder)/Service/\($0)") }.joined()
    }

    static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

@Suite struct `The page of a service` {
    private func assemblies(_ service: BareService) async throws -> [Assembly] {
        var assemblies: [Assembly] = []
        for role in service.processRoles { assemblies.append(try await service.assemble(role)) }
        return assemblies
    }

    /// The Swift name of an event, as pages give it.
    private static func name(_ type: EventType) -> String {
        EventCatalogue.payloads.first { $0.type == type }.map { "\($0)" } ?? type.text
    }

    @Test(arguments: BareService.all)
    func `names every event it consumes, with the file that does`(service: BareService) async throws {
        let page = try ServicePage(service)
        let table = page.table("Consumes")
        let consumed = try await assemblies(service).flatMap(\.consumers).flatMap(\.subscriptions)
            .map { Self.name($0.type) }
        #expect(table.columns == ["event", "file", "for"])
        #expect(Set(table.names) == Set(consumed))
        for row in table.rows {
            let source = try ServicePage.text("\(page.folder)/\(row[1])")
            #expect(source.contains(row[0]), "\(row[1]) does not speak of \(row[0])")
        }
    }

    @Test(arguments: BareService.all)
    func `names every event it publishes`(service: BareService) throws {
        let page = try ServicePage(service)
        let table = page.table("Publishes")
        let owned = EventCatalogue.payloads.filter { service.owners.contains($0.type.owner) }.map { "\($0)" }
        #expect(table.columns == ["event", "when"])
        #expect(Set(table.names) == Set(owned))
        let code = try page.code()
        for name in owned { #expect(code.contains("\(name)("), "nobody makes a \(name)") }
    }

    @Test(arguments: BareService.all)
    func `names every job it runs and how often`(service: BareService) async throws {
        let page = try ServicePage(service)
        let jobs = try await assemblies(service).flatMap(\.jobs)
        guard !jobs.isEmpty else {
            #expect(page.section("Runs").contains("Nothing by the clock"))
            return
        }
        let table = page.table("Runs")
        #expect(table.columns == ["job", "every", "what"])
        #expect(Set(table.rows.map { "\($0[0]) \($0[1])" }) == Set(jobs.map { "\($0.name) \(Self.text($0.interval))" }))
    }

    /// A look that finds nothing costs four statements at least, and nobody waits for it.
    @Test(arguments: BareService.all)
    func `has no job that looks each second or more often while there is nothing to do`(
        service: BareService
    ) async throws {
        for job in try await assemblies(service).flatMap(\.jobs) where job.interval <= .seconds(1) {
            let idleMax = job.idleMax ?? job.interval
            #expect(idleMax > job.interval, "\(job.name) never rests")
        }
    }

    @Test(arguments: BareService.all)
    func `names every setting of its own with its default`(service: BareService) throws {
        let table = try ServicePage(service).table("Settings")
        #expect(table.columns == ["setting", "default", "for"])
        let told = table.rows.map { "\($0[0]) \($0[1])" }
        let optional = { (setting: any DescribedSetting) in setting.isOptional ? "none" : "must be set" }
        #expect(Set(told) == Set(service.settings.map { "\($0.name) \($0.standard ?? optional($0))" }))
    }

    @Test(arguments: BareService.all)
    func `names every table it owns`(service: BareService) throws {
        let page = try ServicePage(service)
        let table = page.table("Tables")
        #expect(table.columns == ["table", "holds"])
        #expect(Set(table.names) == Set(try page.migratedTables()))
    }

    @Test(arguments: BareService.all)
    func `says how it is started, and on which port it listens`(service: BareService) throws {
        let text = try ServicePage(service).section("Start it")
        #expect(text.contains("deploy/local/up") && text.contains("\(service.port)"))
    }

    @Test func `is read as it is written`() {
        let page = ServicePage(
            folder: "", text: "# one\n## Runs\n| job | every |\n| --- | --- |\n| `a-b` | 5 s |\n\nMore.\n## Tables\n")
        #expect(page.table("Runs").columns == ["job", "every"])
        #expect(page.table("Runs").rows == [["a-b", "5 s"]])
        #expect(page.table("Tables").rows.isEmpty && page.section("Runs").hasSuffix("More."))
    }

    private static func text(_ interval: Duration) -> String {
        let milliseconds = interval.components.seconds * 1_000 + interval.components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
    }
}
