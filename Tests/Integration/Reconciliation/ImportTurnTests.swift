import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    @Suite struct `An import among others` {
        private let payment = PaymentFacts("payment_one", 9_000)

        @Test func `REC-3 of the same file at the same time brings it once`() async throws {
            let books = try Books()
            try await books.tell(payment)
            let file = ReportFile([payment.line("payout_abc1")]).text
            let new = try await withThrowingTaskGroup(of: Int64.self) { tasks in
                for _ in 0..<3 {
                    tasks.addTask { try await books.importReport(file).json["linesNew"]?.integer ?? -1 }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(new == 1)
            #expect(try await books.count("payout") == 1)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-4 that was only tried says so, and one that was not does not`() async throws {
            let books = try Books()
            let file = StatementFile(id: "S1", entries: [StatementEntry(reference: "BK1", amount: 100, text: "X")]).text
            #expect(try await books.importStatement(file, "?dryRun=true", key: "tried").status == 200)
            #expect(try await books.importStatement(file, key: "taken").status == 201)
            for (key, isDryRun) in [("tried", true), ("taken", false)] {
                let shown = try await books.list("/v1/file-imports?key=\(key)")
                #expect(shown.map { $0["isDryRun"] } == [.bool(isDryRun)] && shown[0]["state"]?.text == "done")
            }
        }

        @Test func `REC-3 REC-4 that is sent again under its key is listed once, and stays done`() async throws {
            let books = try Books()
            let good = ReportFile([payment.line("payout_abc1")]).text
            #expect(try await books.importReport("not a report", key: "monday").status == 422)
            let refused = try await books.list("/v1/file-imports")
            #expect(refused.map { $0["state"]?.text } == ["refused"] && refused[0]["trouble"] != nil)
            for text in [good, good, "not a report"] { _ = try await books.importReport(text, key: "monday") }
            let done = try await books.list("/v1/file-imports")
            #expect(done.map { $0["state"]?.text } == ["done"] && done[0]["trouble"] == nil, "\(done)")
            #expect(done.first?["id"] == refused.first?["id"] && done.first?["lines"]?.integer == 1)
            _ = try await books.importReport(good, key: "tuesday")
            let listed = try await books.list("/v1/file-imports")
            #expect(listed.compactMap { $0["key"]?.text } == ["tuesday", "monday"])
        }

        @Test func `REC-3 REC-4 is its sender's: under one key two people bring two files`() async throws {
            let books = try Books()
            let good = ReportFile([payment.line("payout_abc1")]).text
            let shown = { (subject: String) async throws -> [String?] in
                let answer = try await books.bench.http.call(
                    .get, "/v1/file-imports?key=monday", as: books.principal(subject))
                return answer.json["items"]?.elements?.map { $0["state"]?.text } ?? []
            }
            #expect(try await books.importReport("not a report", key: "monday", as: "anna").status == 422)
            #expect(try await books.importReport(good, key: "monday", as: "bea").status == 201)
            #expect(try await shown("anna") == ["refused"])
            #expect(try await shown("bea") == ["done"])
            #expect(try await books.list("/v1/file-imports").count == 2)
            // As an earlier version noted them, which knew of no sender: one key as often as it was sent.
            for _ in 0..<2 {
                try await books.bench.superuser.execute(
                    """
                    INSERT INTO file_import (id, organisation, kind, key, state)
                    VALUES (\(IdentifierSource.system.next()), \(books.organisation), 'statement', 'monday', 'done')
                    """)
            }
            #expect(try await shown("anna") == ["done", "done", "refused"])
        }

        @Test func `REC-3 REC-4 that is committed is done, also when that cannot be noted`() async throws {
            let books = try Books()
            let superuser = books.bench.superuser
            try await superuser.execute(
                """
                CREATE FUNCTION refuse_note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'no note'; END $$
                """)
            try await superuser.execute(
                """
                CREATE TRIGGER refuse_note BEFORE UPDATE ON file_import FOR EACH ROW
                WHEN (NEW.organisation = '\(unescaped: "\(books.organisation)")' AND NEW.state <> 'reading')
                EXECUTE FUNCTION refuse_note()
                """)
            let report = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            let statement = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let broken = try await books.importReport("not a report")
            try await superuser.execute("DROP TRIGGER refuse_note ON file_import")
            try await superuser.execute("DROP FUNCTION refuse_note()")
            #expect(report.status == 201 && statement.status == 201, "\(report.text) \(statement.text)")
            #expect(broken.problem == "unreadable-file", "\(broken.text)")
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(true))
        }
    }
}
