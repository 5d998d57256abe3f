import ArgumentParser
import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport

/// invoicing alone: an invoice's whole life beside pgbench with the same statements, issuers at once, large books.
struct InvoicingBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoicing",
        abstract: "An invoice of three lines from its writing to its last cent, issuers at once, and large books.",
        discussion: "Commits are durable. The peer sends the statements the service was seen to send, in their order.")

    @Option(help: "How long each measurement takes, in seconds.")
    var seconds = 5

    @Option(help: "How often each pair is measured.")
    var turns = 5

    @Option(help: "Workers at once, several times.")
    var workers: [Int] = [1, 8]

    @Option(help: "People who issue at once.")
    var issuers = 50

    @Option(help: "Clients of the large books; 500000 are the aim.")
    var clients = 20_000

    @Option(help: "Invoices and payments of the large books; 5000000 are the aim.")
    var movements = 200_000

    @Option(help: "Movements of the client whose statement is asked for.")
    var ofOneClient = 10_000

    @Option(help: "Rows of each file that is taken in; 0 leaves that out.")
    var importRows = 100_000

    @Option(help: "Invoices per second of Tryton at the same job; 0.8 is what its 8.2 did at best on two cores.")
    var tryton = 0.8

    @Flag(help: "Leave out the large books.")
    var withoutBooks = false

    @Flag(help: "Do not have the server say how it went about each question to the large books.")
    var withoutPlans = false

    @Flag(help: "Measure nothing but the large books.")
    var onlyBooks = false

    private static let payers = 1_000

    func run() async throws {
        let world = try await InvoicingWorld.start(connections: max(workers.max() ?? 1, 20))
        let clinic = try await world.clinic("BANC")
        try await world.makeClients(Self.payers, at: clinic)
        // The peer finds the tables by their bare names, as the service does, and stands before the same fence.
        try await world.overseer.execute("ALTER ROLE invoicing SET search_path = invoicing")
        if !onlyBooks {
            try await compare(world, clinic)
            try await issue(world)
            if importRows > 0 { try await InvoicingImport(world: world, rows: importRows).run() }
        }
        if !withoutBooks {
            let books = InvoicingBooks(
                world: world, clients: clients, movements: movements, ofOneClient: ofOneClient,
                showsPlans: !withoutPlans)
            try await books.run(turns: max(turns, 5))
        }
        await world.close()
    }

    // MARK: The whole life of an invoice

    private func compare(_ world: InvoicingWorld, _ clinic: String) async throws {
        let day = TimeSource.system.now().utcDate.description
        try await Self.life(world.caller(), clinic, 1, on: day)
        let script = try await record(world, clinic, on: day)
        say("an invoice's life: \(script.count) statements, begin and commit included")
        let path = "\(world.cluster.folder)/life.sql"
        try script.text(clients: Self.payers).write(toFile: path, atomically: true, encoding: .utf8)
        for workers in workers {
            let comparison = Comparison(
                name: "create, issue, pay and allocate, \(workers) at once", unit: "invoices/s", peerName: "pgbench",
                peer: { try await pgbench(world, path, workers) },
                ours: {
                    let caller = try await world.caller()
                    return try await rate(tasks: workers, for: .seconds(seconds)) { _ in
                        try await Self.life(caller, clinic, .random(in: 1...Self.payers), on: day)
                    }
                })
            let ours = try await comparison.measure(turns: turns).own
            say(
                String(
                    format: "    %.0f times the %.1f invoices/s of Tryton 8.2, which was not measured in this run",
                    ours / tryton, tryton))
        }
    }

    /// Two requests, as a till sends them: the invoice is written and issued, then its money is collected.
    private static func life(_ caller: Caller, _ clinic: String, _ client: Int, on day: String) async throws {
        let lines = [("Consultation", 420_000, 2_000), ("Vaccin", 535_000, 2_000), ("Croquettes", 62_500, 550)].map {
            #"{"label":"\#($0)","unitPriceTenThousandths":\#($1),"vatBasisPoints":\#($2)}"#
        }
        let client = InvoicingWorld.client(client)
        let written = try await caller.ask(
            .post, "/v1/invoices",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","issuedOn":"\(day)","dueOn":"\(day)",
             "lines":[\(lines.joined(separator: ","))]}
            """)
        guard let total = written.json["total"]?["minorUnits"]?.integer else { throw TestSupportError(written.text) }
        try await caller.ask(
            .post, "/v1/collections",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","method":"card","collectedOn":"\(day)",
             "amount":{"minorUnits":\(total),"currency":"EUR"}}
            """)
    }

    /// One life with the server told to log what it is sent.
    private func record(
        _ world: InvoicingWorld, _ clinic: String, on day: String
    ) async throws -> StatementScript {
        let text = try await world.logged("log_statement = 'all'") {
            try await Self.life(world.caller(), clinic, 2, on: day)
        }
        let fixed: Set = ["\(world.organisation)", clinic]
        return StatementScript(log: text, fixed: fixed, client: "\(InvoicingWorld.client(2))")
    }

    private func pgbench(_ world: InvoicingWorld, _ path: String, _ connections: Int) async throws -> Double {
        let printed = try await world.cluster.program(
            "pgbench",
            [
                "-n", "-M", "prepared", "-c", "\(connections)", "-j", "\(min(connections, 2))", "-T", "\(seconds)",
                "-U", "invoicing", "-f", path, world.settings.database,
            ])
        guard let line = printed.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let figure = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw TestSupportError("pgbench printed no figure: \(printed)") }
        return figure
    }

    // MARK: Issuing at once

    private func issue(_ world: InvoicingWorld) async throws {
        for count in [1, 2] {
            let clinics = try await (0..<count).asyncMap { try await world.clinic("SERIE\(count)\($0)") }
            var figures: [Double] = []
            for _ in 0..<turns { figures.append(try await issue(world, at: clinics)) }
            let wrong: Int64 = try await world.overseer.transaction { transaction in
                try transaction.one(
                    """
                    SELECT count(*) AS wrong FROM (
                        SELECT clinic FROM invoice WHERE clinic::text = ANY(\(clinics)) AND number IS NOT NULL
                        GROUP BY clinic HAVING count(*) <> max(right(number, 6)::int)
                            OR count(*) <> count(DISTINCT number)) AS broken
                    """
                ) { row in try row("wrong") }
            }
            say(
                String(
                    format: "%d issuers on %d series: %.0f issues/s, %d series with a gap or a double", issuers, count,
                    Comparison.median(figures), wrong))
        }
    }

    /// Drafts first; only their issue is measured.
    private func issue(_ world: InvoicingWorld, at clinics: [String]) async throws -> Double {
        let day = TimeSource.system.now().utcDate.description
        let caller = try await world.caller()
        let drafts = try await (0..<issuers * 4).asyncMap { number in
            try await caller.ask(
                .post, "/v1/invoices",
                """
                {"clientID":"\(InvoicingWorld.client(1 + number % Self.payers))","clinicID":"\(
                    clinics[number % clinics.count])","dueOn":"\(day)",
                 "lines":[{"label":"Soin","unitPriceTenThousandths":420000,"vatBasisPoints":2000}]}
                """
            ).id()
        }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for issuer in 0..<issuers {
                group.addTask {
                    for place in stride(from: issuer, to: drafts.count, by: issuers) {
                        try await caller.ask(
                            .post, "/v1/invoices/\(drafts[place])/issue", #"{"issuedOn":"\#(day)"}"#,
                            headers: [("If-Match", "\"v1\"")])
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(drafts.count) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

extension Range<Int> {
    fileprivate func asyncMap<Value>(_ body: (Int) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for number in self { values.append(try await body(number)) }
        return values
    }
}
