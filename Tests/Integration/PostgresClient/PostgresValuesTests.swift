import PostgresClient
import TestSupport
import Testing

@Suite struct `Values of PostgreSQL` {
    private static let table: SQL = """
        CREATE TABLE sample (
            row_number int, flag bool, small int2, medium int4, large int8, ratio float8, words text, id uuid,
            raw bytea, moment timestamptz, day date, numbers int8[], texts text[], ids uuid[], raws bytea[])
        """

    /// One row of every type, drawn from a seed.
    private struct Sample: Equatable, Sendable {
        var flag: Bool?
        var small: Int16?
        var medium: Int32?
        var large: Int64?
        var ratio: Double?
        var words: String?
        var id: UInt128?
        var raw: [UInt8]?
        var moment: PostgresTimestamp?
        var day: PostgresDate?
        var numbers: [Int64?]
        var texts: [String?]
        var ids: [UInt128]
        var raws: [[UInt8]]

        init(_ random: inout SampleGenerator) {
            flag = random.maybe { Bool.random(using: &$0) }
            small = random.maybe { $0.number(Int16.self) }
            medium = random.maybe { $0.number(Int32.self) }
            large = random.maybe { $0.number(Int64.self) }
            ratio = random.maybe { Double.random(in: -1e12...1e12, using: &$0) }
            words = random.maybe { $0.text() }
            id = random.maybe { $0.number(UInt128.self) }
            raw = random.maybe { $0.bytes() }
            // From 4713 BC to the year 5138, within what the server stores.
            moment = random.maybe {
                PostgresTimestamp(
                    microsecondsSince1970: .random(in: -200_000_000_000_000_000...100_000_000_000_000_000, using: &$0))
            }
            day = random.maybe { PostgresDate(daysSince1970: .random(in: -2_000_000...2_000_000, using: &$0)) }
            let count = Int.random(in: 0...5, using: &random)
            numbers = (0..<count).map { _ in random.maybe { $0.number(Int64.self) } }
            texts = (0..<count).map { _ in random.maybe { $0.text() } }
            ids = (0..<count).map { _ in random.number(UInt128.self) }
            raws = (0..<count).map { _ in random.bytes() }
        }

        init(_ row: Row) throws {
            flag = try row("flag")
            small = try row("small")
            medium = try row("medium")
            large = try row("large")
            ratio = try row("ratio")
            words = try row("words")
            id = try row("id")
            raw = try row("raw")
            moment = try row("moment")
            day = try row("day")
            numbers = try row("numbers")
            texts = try row("texts")
            ids = try row("ids")
            raws = try row("raws")
        }

        func insert(_ number: Int) -> SQL {
            """
            INSERT INTO sample VALUES (\(number), \(flag), \(small), \(medium), \(large), \(ratio), \(words), \(id),
                \(raw), \(moment), \(day), \(numbers), \(texts), \(ids), \(raws))
            """
        }

        func write(_ number: Int, to line: inout CopyLine) {
            line.append(number)
            line.append(flag)
            line.append(small)
            line.append(medium)
            line.append(large)
            line.append(ratio)
            line.append(words)
            line.append(id)
            line.append(raw)
            line.append(moment)
            line.append(day)
            line.append(numbers)
            line.append(texts)
            line.append(ids)
            line.append(raws)
        }
    }

    @Test func `come back as they went, bound or copied, for any seed`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute(Self.table)
            for seed in UInt64(0)..<400 {
                var random = SampleGenerator(seed: seed)
                let sample = Sample(&random)
                let found = try await pool.transaction { transaction in
                    try transaction.execute(sample.insert(1))
                    try transaction.copyIn("COPY sample FROM STDIN", of: [sample]) { $0.write(2, to: &$1) }
                    let found = try transaction.query("SELECT * FROM sample ORDER BY row_number", Sample.init)
                    try transaction.execute("TRUNCATE sample")
                    return found
                }
                #expect(found.count == 2, "seed \(seed)")
                #expect(found.first == sample, "bound, seed \(seed)")
                #expect(found.last == sample, "copied, seed \(seed)")
            }
        }
    }

    @Test func `never become SQL`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE person (name text)")
            let names = ["'); DROP TABLE person; --", "$1", "\\", "' OR '1'='1", "\"", "/*", "%s", "\u{feff}"]
            for name in names {
                try await pool.execute("INSERT INTO person VALUES (\(name))")
                let found = try await pool.query("SELECT name FROM person WHERE name = \(name)") { try $0(0) as String }
                #expect(found == [name])
            }
            let arrived = try await pool.number("SELECT count(*) FROM person WHERE name = ANY(\(names))")
            #expect(arrived == names.count)
        }
    }

    @Test func `keep their numbers when one statement is put inside another`() async throws {
        try await withFreshDatabase { pool in
            let filter: SQL = "n > \(2) AND n < \(9)"
            let list: SQL = """
                SELECT n FROM generate_series(\(Int32(1)), \(Int32(10))) AS n
                WHERE \(filter) ORDER BY \(unescaped: "n DESC") LIMIT \(2)
                """
            let found = try await pool.query(list) { try $0("n") as Int }
            #expect(found == [8, 7])
        }
    }

    @Test func `with a zero byte in a text are refused before anything is sent`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE note (body text)")
            let failure = try await pool.failure { try $0.execute("INSERT INTO note VALUES (\("a\u{0}b"))") }
            #expect(failure?.kind == .usage)
            let swallowed = try await pool.failure { transaction in
                _ = try? transaction.pipeline([
                    "INSERT INTO note VALUES ('good')", "INSERT INTO note VALUES (\("\u{0}"))",
                ])
            }
            #expect(swallowed?.kind == .usage)
            let copied = try await pool.failure { try $0.copyIn("COPY note FROM STDIN", rows: [["a"], ["b\u{0}"]]) }
            #expect(copied?.kind == .usage)
            #expect(try await pool.number("SELECT count(*) FROM note") == 0)
        }
    }

    @Test func `that the server computes are read exactly`() async throws {
        try await withFreshDatabase { pool in
            #expect(try await pool.number("SELECT sum(n) FROM generate_series(1, 1000) AS n") == 500_500)
            let decimals = [
                "0", "0.00", "-12.3400", "123456789012345678901234567890.000001", "0.00000001", "10000", "-1",
            ]
            for decimal in decimals {
                let found = try await pool.query("SELECT \(decimal)::numeric AS value") { try $0("value") as String }
                #expect(found == [decimal])
            }
            let enumerated: SQL = "CREATE TYPE mood AS ENUM ('calm', 'cross')"
            try await pool.execute(enumerated)
            #expect(try await pool.query("SELECT 'calm'::mood AS mood") { try $0("mood") as Mood } == [.calm])
            #expect(try await pool.query("SELECT \(Mood.cross)::mood AS mood") { try $0("mood") as Mood } == [.cross])
            let json = try await pool.query("SELECT \(PostgresJSON(Array(#"{"a":1}"#.utf8))) AS j") {
                try $0("j") as String
            }
            #expect(json == [#"{"a": 1}"#])
        }
    }

    private enum Mood: String, PostgresEncodable, PostgresDecodable { case calm, cross }

    private struct Kept: Codable, Equatable, Sendable {
        var words: [String: String]
        var number: Int?
    }

    @Test func `kept as JSON are read from jsonb and from text`() async throws {
        try await withFreshDatabase { pool in
            let kept = Kept(words: ["b": "1/2", "a": "é"])
            let json = try PostgresJSON.of(kept)
            #expect(json.text == #"{"words":{"a":"é","b":"1/2"}}"#)
            let found = try await pool.query(
                "SELECT \(json) AS document, \(json.text)::text AS words, NULL::jsonb AS absent"
            ) { row -> [Kept?] in
                let (document, words): (Kept, Kept) = (try row.json("document"), try row.json("words"))
                return [document, words, try row.optionalJSON("absent")]
            }
            #expect(found == [[kept, kept, nil]])
            #expect(throws: PostgresError.self) { try PostgresJSON.of(Double.nan) }
        }
    }

    @Test func `kept as JSON of another shape are errors that name the column and not the value`() async throws {
        try await withFreshDatabase { pool in
            let strange = try await pool.failure { transaction in
                _ = try transaction.one(#"SELECT '{"words":{},"number":"secret"}'::jsonb AS document"#) { row in
                    try row.json("document") as Kept
                }
            }
            #expect(strange?.kind == .decoding)
            #expect(strange?.message.contains(#""document": its JSON is not a Kept, at number"#) == true)
            #expect(strange?.message.contains("secret") == false)
            let none = try await pool.failure { transaction in
                _ = try transaction.one("SELECT 'secret' AS document") { row in try row.json("document") as Kept }
            }
            #expect(none?.kind == .decoding)
            #expect(none?.message.contains("secret") == false)
            let missing = try await pool.failure { transaction in
                _ = try transaction.one("SELECT NULL::jsonb AS document") { row in try row.json("document") as Kept }
            }
            #expect(missing?.message.contains("document") == true)
        }
    }

    @Test func `of the wrong shape are errors that name the column and not the value`() async throws {
        try await withFreshDatabase { pool in
            let missing = try await pool.failure {
                _ = try $0.one("SELECT NULL::int8 AS total") { try $0("total") as Int }
            }
            #expect(missing?.kind == .decoding)
            #expect(missing?.message.contains("total") == true)
            let narrow = try await pool.failure { _ = try $0.one("SELECT 70000 AS n") { try $0("n") as Int16 } }
            #expect(narrow?.kind == .decoding)
            let absent = try await pool.failure { _ = try $0.one("SELECT 1 AS n") { try $0("m") as Int } }
            #expect(absent?.message.contains("m") == true)
            let many = try await pool.failure { _ = try $0.one("SELECT 1 UNION SELECT 2") { try $0(0) as Int } }
            #expect(many?.kind == .decoding)
            let infinite = try await pool.failure { transaction in
                _ = try transaction.one("SELECT 'infinity'::timestamptz AS t") { try $0("t") as PostgresTimestamp }
            }
            #expect(infinite?.kind == .decoding)
        }
    }

    @Test func `do not appear in errors`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE person (phone text CONSTRAINT person_phone_once UNIQUE)")
            try await pool.execute("INSERT INTO person VALUES ('+33612345678')")
            let twice = try await pool.failure { try $0.execute("INSERT INTO person VALUES (\("+33612345678"))") }
            #expect(twice?.isUniqueViolation(of: "person_phone_once") == true)
            let malformed = try await pool.failure { try $0.execute("SELECT \("tel +33612345678")::int") }
            #expect(malformed?.sqlState?.rawValue == "22P02")
            let copied = try await pool.failure { try $0.copyIn("COPY person FROM STDIN", rows: [["+33612345678"]]) }
            for failure in [twice, malformed, copied] {
                #expect(failure.map { "\($0)" }?.contains("336") == false)
            }
        }
    }
}
