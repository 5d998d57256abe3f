import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What becomes of one issuer among many.
private enum Issuer {
    case issues, isRefused, isRolledBack, asksTwice
}

@Suite struct `INV-4: the numbers of issued invoices` {
    @Test func `C-28: have no gap and no double when fifty issue at once and some fail or are rolled back`()
        async throws
    {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await failLate(references: "doomed", on: bench)
        let client = try await chain.client()
        let issued = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                let kind: Issuer = [.issues, .isRefused, .isRolledBack, .asksTwice, .issues][number % 5]
                group.addTask { try await issue(number, as: kind, chain, client) }
            }
            return try await group.reduce(0, +)
        }
        #expect(issued == 30)
        #expect(try await chain.numbers() == expected(1...30))
        #expect(try await chain.total("billed") == 30 * 1_000)
        await bench.database.pool.close()
        #expect(try await bench.overseer.deadlocks() == 0, "they wait for each other, never in a circle")
        await bench.overseer.close()
    }

    @Test func `C-28: have no gap and no double when connections are cut while fifty issue`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let key = Chain.newKey()
                    // As a caller does who got no answer: the same again.
                    try await waitUntil("the invoice is issued") {
                        try await chain.call(.post, "/v1/invoices", chain.draft(1_000, for: client), key: key).status
                            == 201
                    }
                }
            }
            group.addTask { try await cutConnections(of: bench, times: 8) }
            try await group.waitForAll()
        }
        #expect(try await chain.numbers() == expected(1...50))
        await bench.close()
    }

    @Test func `C-28: of a draft that several issue at once are given once`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await chain.issue(draft).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200] + Array(repeating: 412, count: 7))
        #expect(try await chain.numbers() == expected(1...1))
        #expect(try await chain.events(about: draft) == ["invoice-issued"])
    }

    @Test func `C-28: are counted for each clinic and year alone`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        for clinic in [chain.clinic, other] {
            for _ in 0..<2 { _ = try await chain.invoice(1_000, for: client, clinic: clinic) }
        }
        // The year before comes by files alone.
        for number in ["R-1", "R-2"] {
            let row = Chain.invoiceRow(number, day: 20, client: 1, label: "Soin")
            let file = Chain.invoiceHeader + row.replacing("20/11/2026", with: "2025-12-31")
            let report = try await chain.imports(file.replacing("20/12/2026", with: "2026-12-20"))
            #expect(report.json["imported"]?.integer == 1, "\(report.text)")
        }
        #expect(
            try await chain.numbers() == [
                "F-LILAS-2025-000001", "F-LILAS-2025-000002", "F-LILAS-2026-000001", "F-LILAS-2026-000002",
                "F-PANTIN-2026-000001", "F-PANTIN-2026-000002",
            ])
    }

    private func expected(_ range: ClosedRange<Int>) -> [String] {
        range.map { "F-LILAS-2026-0000\($0 < 10 ? "0" : "")\($0)" }
    }

    /// Answers how many invoices it must have issued.
    private func issue(_ number: Int, as kind: Issuer, _ chain: Chain, _ client: ClientID) async throws -> Int {
        switch kind {
        case .issues:
            _ = try await chain.invoice(1_000, for: client)
            return 1
        case .isRefused:
            let draft = chain.draft(1_000, for: client, issuedOn: "2026-11-20", dueOn: "2026-11-19")
            #expect(try await chain.call(.post, "/v1/invoices", draft).status == 422)
            return 0
        case .isRolledBack:
            let draft = chain.draft(1_000, for: client, reference: "doomed \(number)")
            #expect(try await chain.call(.post, "/v1/invoices", draft).status == 500)
            return 0
        case .asksTwice:
            async let first = chain.call(.post, "/v1/invoices", chain.draft(1_000, for: client), key: "twice-\(number)")
            async let second = chain.call(
                .post, "/v1/invoices", chain.draft(1_000, for: client), key: "twice-\(number)")
            let answers = try await [first, second]
            #expect(answers.map(\.status) == [201, 201] && answers[0].json == answers[1].json)
            return 1
        }
    }

    /// From now on an invoice of such a reference fails after its number was taken.
    private func failLate(references prefix: StaticString, on bench: InvoicingBench) async throws {
        try await bench.overseer.transaction { transaction in
            try transaction.execute(
                """
                CREATE OR REPLACE FUNCTION fail_late() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'as the test wants'; END $$
                """)
            try transaction.execute(
                """
                CREATE OR REPLACE TRIGGER fail_late AFTER UPDATE ON invoice FOR EACH ROW
                WHEN (NEW.number IS NOT NULL AND NEW.reference LIKE '\(unescaped: "\(prefix)")%')
                EXECUTE FUNCTION fail_late()
                """)
        }
    }

    /// Ends the service's connections one by one while they are at work.
    private func cutConnections(of bench: InvoicingBench, times: Int) async throws {
        for _ in 0..<times {
            try await waitUntil("a connection at work is cut") {
                let cut: Int64 = try await bench.ask(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM (
                        SELECT pid FROM pg_stat_activity
                        WHERE usename = 'invoicing' AND datname = current_database() AND state <> 'idle' LIMIT 1
                    ) AS busy
                    """)
                let issued: Int64 = try await bench.ask("SELECT count(*) FROM invoice")
                return cut > 0 || issued == 50
            }
        }
    }
}
