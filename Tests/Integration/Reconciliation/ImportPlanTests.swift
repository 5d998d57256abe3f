import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about the lines of a file, as it explains it itself.
@Suite struct `The plan of an import` {
    @Test func `REC-4 compares no movement of a statement with all others, whatever statistics know`() async throws {
        let bench = try await BooksBench.start(explaining: true)
        do {
            try await bench.forgetLines()
            try await BooksBench.$shared.withValue(bench) {
                // Below and above what is joined at once.
                for lines in [6_000, 12_000] {
                    let plans = try await bench.plans(of: LargeFile(.camt053, lines: lines))
                    #expect(plans.contains { $0.contains("brought_line") }, "nothing was explained")
                    for plan in plans {
                        let pairs = plan.matches(of: /Removed by Join Filter: (\d+)/).compactMap { Int($0.1) }
                        #expect(pairs.allSatisfy { $0 <= lines }, "\(plan)")
                    }
                }
            }
        } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    @Test func `REC-4 looks for parts of a day only where another statement has some of that day`() async throws {
        let bench = try await BooksBench.start(explaining: true)
        do {
            try await BooksBench.$shared.withValue(bench) {
                let asked = try await bench.chains(ofDays: [1, 2, 3, 3])
                #expect(asked == [false, false, false, true])
            }
        } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }
}

extension BooksBench {
    /// Whether a chain of statements was looked for as each was told that begins where the one before ends.
    fileprivate func chains(ofDays days: [Int]) async throws -> [Bool] {
        let books = try Books()
        let log = URL(fileURLWithPath: "\(postgres.folder)/log")
        var chains: [Bool] = []
        for (number, day) in days.enumerated() {
            let before = try Data(contentsOf: log).count
            let entry = StatementEntry(
                reference: "BK\(number)", amount: 500, text: "VIR", day: Books.day.adding(days: day))
            let file = StatementFile(id: "S\(number)", opening: 500 * Int64(number), entries: [entry])
            #expect(try await books.importStatement(file.text).json["linesNew"]?.integer == 1)
            let told = String(decoding: try Data(contentsOf: log).dropFirst(before), as: UTF8.self)
            #expect(told.contains("AS adjoins"), "nothing was explained")
            chains.append(told.contains("WITH RECURSIVE part"))
        }
        return chains
    }

    /// Has statistics say that statements have one line each, from here on.
    fileprivate func forgetLines() async throws {
        let organisation: OrganisationID = Books.newID()
        try await superuser.execute("ALTER TABLE bank_line SET (autovacuum_enabled = off)")
        try await superuser.execute(
            """
            INSERT INTO bank_statement (id, organisation, iban, reference, format, currency, opening, closing)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(organisation), 'FR00', n::text, 'camt053', 'EUR', 0, 0
            FROM generate_series(1, 2000) AS n
            """)
        try await superuser.execute(
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            SELECT id, gen_random_uuid(), id, iban, reference, 'EUR', 1, \(Books.day), ''
            FROM bank_statement WHERE organisation = \(organisation)
            """)
        try await superuser.execute("ANALYZE bank_line")
    }

    /// How the movements of a file were gone about, which is handed in, and once more with a thousand others.
    fileprivate func plans(of file: LargeFile) async throws -> [String] {
        let books = try Books()
        try await books.own(LargeFile.iban)
        let log = URL(fileURLWithPath: "\(postgres.folder)/log")
        let before = try Data(contentsOf: log).count
        for (file, new) in [(file, file.lines), (LargeFile(file.kind, lines: file.lines, first: 1_000), 1_000)] {
            let answer = try await books.send(file)
            #expect(answer.status == 201 && answer.json["linesNew"]?.integer == Int64(new), "\(answer.text)")
        }
        let told = String(decoding: try Data(contentsOf: log).dropFirst(before), as: UTF8.self)
        return told.components(separatedBy: "LOG:  duration: ").filter { $0.contains("numbered_movement") }
    }
}
