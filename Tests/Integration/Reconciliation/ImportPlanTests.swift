import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about the lines of a file, as it explains it itself.
@Suite struct `The plan of an import` {
    @Test func `REC-4 compares no movement of a statement with all others, whatever statistics know`() async throws {
        try await BooksBench.with(explaining: true) { bench in
            try await bench.forgetLines()
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
    }

    @Test func `REC-4 goes through what statements have only where one begins on a day at which another ends`()
        async throws
    {
        try await BooksBench.with(explaining: true) { bench in
            let asked = try await bench.lookedThrough()
            #expect(asked == ["P1"], "days of what was told as a whole are not looked through one by one")
        }
    }

    @Test func `REC-4 looks for parts of a day only where another statement has some of that day`() async throws {
        try await BooksBench.with(explaining: true) { bench in
            let asked = try await bench.chains(ofDays: [1, 2, 3, 3])
            #expect(asked == [false, false, false, true])
        }
    }

    @Test func `REC-4 looks at no line of other days of an account that has the same balances every evening`()
        async throws
    {
        try await BooksBench.with(explaining: true) { bench in
            let plans = try await bench.looks(afterDays: 3_000, ofLines: 20)
            #expect(["AS again", "AS adjoins"].allSatisfy { name in plans.contains { $0.contains(name) } })
            for plan in plans {
                for node in plan.matches(of: /actual rows=(\d+)[.\d]* loops=(\d+)/) {
                    let (rows, loops) = (Int(node.1) ?? .max, Int(node.2) ?? .max)
                    #expect(loops <= 10 && rows <= 10, "\(plan)")
                }
                #expect(plan.firstMatch(of: /Removed by Filter: \d{2,}/) == nil, "\(plan)")
            }
        }
    }

    @Test func `REC-4 adds up the lines of statements once, however many a file has of the days of one that is known`()
        async throws
    {
        try await BooksBench.with(explaining: true) { bench in
            let plans = try await bench.doubts(ofDays: 100, ofLines: 10)
            #expect(plans.count == 1, "nothing was explained")
            for plan in plans {
                let loops = plan.matches(of: /loops=(\d+)/).compactMap { Int($0.1) }
                #expect(loops.allSatisfy { $0 <= 10 }, "\(plan)")
                let pairs = plan.matches(of: /Removed by Join Filter: (\d+)/).compactMap { Int($0.1) }
                #expect(pairs.allSatisfy { $0 <= 1_000 }, "\(plan)")
            }
        }
    }
}

extension BooksBench {
    /// How statements in doubt were looked for in a file of so many days, which one statement had told as a whole.
    fileprivate func doubts(ofDays days: Int, ofLines lines: Int) async throws -> [String] {
        let books = try Books()
        let told = (0..<days).map { number in
            let entries = (0..<lines).map { line in
                StatementEntry(
                    reference: "BK\(number)-\(line)", amount: 100, text: "VIR",
                    day: Books.day.adding(days: number - days))
            }
            return StatementFile(id: "D\(number)", opening: Int64(number * lines * 100), entries: entries)
        }
        let whole = StatementFile(id: "W", opening: 0, entries: told.flatMap { $0.entries })
        #expect(try await books.importStatement(whole.text).json["linesNew"]?.integer == Int64(days * lines))
        let (answer, plans) = try await postgres.plans(with: "alone AS MATERIALIZED") {
            try await books.importStatement(StatementFile.text(of: told))
        }
        #expect(answer.json["linesNew"]?.integer == 0 && answer.json["statementsInDoubt"] == nil, "\(answer.text)")
        return plans
    }

    /// The statements for which all that those of their day have was gone through, of three days that were told as a
    /// whole and one by one, and of parts of a fourth.
    fileprivate func lookedThrough() async throws -> [String] {
        let books = try Books()
        var asked: [String] = []
        for (id, opening, days, new) in [
            ("W", 0, [1, 2, 3], 3), ("D1", 0, [1], 0), ("D2", 500, [2], 0), ("D3", 1_000, [3], 0),
            ("P0", 1_500, [4], 1), ("P2", 2_500, [4], 0), ("P1", 2_000, [4], 1),
        ] as [(String, Int64, [Int], Int64)] {
            let entries = days.map { day in
                StatementEntry(reference: "NONREF", amount: 500, text: "REMISE CB", day: Books.day.adding(days: day))
            }
            let file = StatementFile(id: id, opening: opening, entries: entries)
            let (answer, plans) = try await postgres.plans(untilOneWith: "WITH edge AS") {
                try await books.importStatement(file.text)
            }
            #expect(answer.json["linesNew"]?.integer == new, "\(id)")
            if plans.contains(where: { $0.contains("AS lacks") }) { asked.append(id) }
        }
        return asked
    }

    /// Whether a chain of statements was looked for as each was told that begins where the one before ends.
    fileprivate func chains(ofDays days: [Int]) async throws -> [Bool] {
        let books = try Books()
        var chains: [Bool] = []
        for (number, day) in days.enumerated() {
            let entry = StatementEntry(
                reference: "BK\(number)", amount: 500, text: "VIR", day: Books.day.adding(days: day))
            let file = StatementFile(id: "S\(number)", opening: 500 * Int64(number), entries: [entry])
            let (answer, plans) = try await postgres.plans(untilOneWith: "AS adjoins") {
                try await books.importStatement(file.text)
            }
            #expect(answer.json["linesNew"]?.integer == 1)
            chains.append(plans.contains { $0.contains("WITH RECURSIVE part") })
        }
        return chains
    }

    /// How adjoining statements of a day were looked for, after so many days at whose end the account was emptied.
    fileprivate func looks(afterDays days: Int32, ofLines lines: Int32) async throws -> [String] {
        let books = try Books()
        try await superuser.execute(
            """
            INSERT INTO bank_statement (id, organisation, iban, reference, format, currency, opening, closing)
            SELECT gen_random_uuid(), \(books.organisation), \(StatementFile.iban), n::text, 'camt053', 'EUR', 0, 0
            FROM generate_series(1, \(days)::int) AS n
            """)
        try await superuser.execute(
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            SELECT gen_random_uuid(), organisation, id, iban, concat_ws('-', reference, n), 'EUR',
                CASE n WHEN 1 THEN -100 * (\(lines)::int - 1) ELSE 100 END, \(Books.day)::date - reference::int, ''
            FROM bank_statement CROSS JOIN generate_series(1, \(lines)::int) AS n
            WHERE organisation = \(books.organisation)
            """)
        for table in ["bank_statement", "bank_line"] { try await superuser.execute(SQL(unescaped: "ANALYZE \(table)")) }
        let entries = [500, -500].map { StatementEntry(reference: "BK\($0)", amount: $0, text: "VIR") }
        let file = StatementFile(id: "S", opening: 0, entries: entries)
        let (answer, plans) = try await postgres.plans(untilOneWith: "AS adjoins") {
            try await books.importStatement(file.text)
        }
        #expect(answer.json["linesNew"]?.integer == 2)
        return plans.filter { $0.contains("AS again") || $0.contains("AS adjoins") }
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
        return try await postgres.plans(with: "numbered_movement") {
            for (file, new) in [(file, file.lines), (LargeFile(file.kind, lines: file.lines, first: 1_000), 1_000)] {
                let answer = try await books.send(file)
                #expect(answer.status == 201 && answer.json["linesNew"]?.integer == Int64(new), "\(answer.text)")
            }
        }.plans
    }
}
