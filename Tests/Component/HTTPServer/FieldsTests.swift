import HTTPServer
import PaymentModel
import Testing

@Suite struct `Reading the fields of a body` {
    enum Colour: String, CaseIterable { case red, green, blue }

    func fields(_ text: String) throws -> Fields {
        guard case .object(let object) = try JSONParser.parse(Array(text.utf8)) else {
            throw Problem.notFound("object")
        }
        return Fields(object)
    }

    func problems(_ text: String, _ read: (Fields) -> Void) throws -> [FieldProblem] {
        let fields = try fields(text)
        read(fields)
        do throws(Problem) { try fields.finish() } catch { return error.errors }
        return []
    }

    @Test func `gives the values when all is well`() throws {
        let clinic = ClinicID(7)
        let fields = try fields(
            """
            {"name": " Rex ", "count": 3, "amount": {"minorUnits": 12990, "currency": "EUR"}, "clinic": "\(clinic)",
             "day": "2026-11-21", "phone": "+33612345678", "email": "a@b.fr", "colour": "green", "note": null,
             "lines": [{"text": "a"}, {"text": "b"}], "paid": true, "rate": 2000}
            """)
        #expect(fields.string("name") == "Rex")
        #expect(fields.integer("count", in: 1...5) == 3)
        #expect(fields.money("amount") == .euros(cents: 12_990))
        #expect(fields.id("clinic", of: ClinicID.self) == clinic)
        #expect(fields.localDate("day") == LocalDate("2026-11-21"))
        #expect(fields.phone("phone").e164 == "+33612345678")
        #expect(fields.email("email").text == "a@b.fr")
        #expect(fields.enumeration("colour") == Colour.green)
        #expect(fields.optionalString("note") == nil)
        #expect(fields.optionalMoney("deposit") == nil)
        #expect(fields.list("lines") { $0.string("text") } == ["a", "b"])
        #expect(fields.boolean("paid"))
        #expect(fields.basisPoints("rate") == BasisPoints(2_000))
        try fields.finish()
    }

    @Test func `refuses what is no country, and a period that ends before it begins`() throws {
        let problems = try problems(
            #"{"country": "fr", "other": "FRA", "from": "2026-11-22", "to": "2026-11-21"}"#
        ) { fields in
            _ = fields.period()
            _ = fields.country("country")
            _ = fields.optionalCountry("other")
        }
        #expect(problems.map(\.pointer) == ["/to", "/country", "/other"])
        let period = try fields(#"{"from": "2026-11-21", "to": "2026-11-21"}"#).period()
        #expect(period.from == period.to)
    }

    @Test func `tells a day that is in no calendar from what is no day`() throws {
        let problems = try problems(#"{"given": "2027-02-30", "other": "30/02/2027"}"#) { fields in
            _ = fields.localDate("given")
            _ = fields.optionalLocalDate("other")
        }
        #expect(problems.map(\.pointer) == ["/given", "/other"])
        #expect(problems[0].reason == "There is no such day.")
        #expect(problems[1].reason == "It is not in the form it should have.")
    }

    @Test func `tells all problems at once, each with its place`() throws {
        let problems = try problems(
            #"{"name": "", "lines": [{"amount": {"minorUnits": -1, "currency": "EURO"}}, 5], "colour": "gren"}"#
        ) { fields in
            _ = fields.string("name")
            _ = fields.list("lines") { $0.money("amount") }
            _ = fields.enumeration("colour", as: Colour.self)
            _ = fields.localDate("day")
        }
        #expect(
            problems.map(\.pointer) == [
                "/name", "/lines/0/amount/minorUnits", "/lines/0/amount/currency", "/lines/1", "/colour", "/day",
            ])
        let colour = problems.first { $0.pointer == "/colour" }
        #expect(colour?.remedy.description.contains("Did you mean \"green\"?") == true)
    }

    @Test func `names fields that do not exist and the one that was meant`() throws {
        let problems = try problems(#"{"organization": "x", "zzz": 1, "a/b~c": 1}"#) { fields in
            _ = fields.optionalString("organisation")
        }
        #expect(problems.map(\.pointer) == ["/organization", "/zzz", "/a~1b~0c"])
        #expect(problems[0].remedy == "Did you mean \"organisation\"?")
        #expect(problems[1].remedy == "Leave it out.")
    }

    @Test(arguments: [
        "1.0", "1e3", "12.5", "9223372036854775808", "-1", "0", "\"5\"", "null", "true", "99999999999999999999999",
        "1000000000000",
    ])
    func `takes only whole, positive, bounded amounts for money`(units: String) throws {
        let problems = try problems(#"{"amount": {"minorUnits": \#(units), "currency": "EUR"}}"#) { fields in
            _ = fields.money("amount")
        }
        #expect(problems.map(\.pointer) == ["/amount/minorUnits"])
    }

    @Test(arguments: ["eur", "EUR ", "XXX", "", "€", "EURO"])
    func `knows the currencies of ISO 4217 only`(currency: String) throws {
        let problems = try problems(#"{"amount": {"minorUnits": 1, "currency": "\#(currency)"}}"#) { fields in
            _ = fields.money("amount")
        }
        #expect(problems.map(\.pointer) == ["/amount/currency"])
    }

    @Test func `refuses texts that are too long or hold control characters`() throws {
        let problems = try problems(#"{"a": "12345", "b": "x\u0000y", "c": "x\ny", "d": "x\ny", "e": "   "}"#) {
            fields in
            _ = fields.string("a", max: 4)
            _ = fields.string("b")
            _ = fields.string("c")
            _ = fields.string("d", max: 10, .lines)
            _ = fields.string("e")
        }
        #expect(problems.map(\.pointer) == ["/a", "/b", "/c", "/e"])
    }

    @Test func `tells the place of a control character in a text of several lines`() throws {
        let problems = try problems(#"{"a": "\u0000", "b": "x\r\n👩🏽‍⚕️é\u0007y", "c": "x\u0007y"}"#) { fields in
            _ = fields.string("a", .lines)
            _ = fields.optionalString("b", .lines)
            _ = fields.string("c")
        }
        #expect(
            problems.map(\.reason.description) == [
                "Line 1, column 1: there is a control character.", "Line 2, column 3: there is a control character.",
                "It contains a control character.",
            ])
    }

    @Test(arguments: ["\u{2028}", "\u{2029}", "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{FFFE}"])
    func `refuses one line that breaks, turns around or holds what is no character`(text: String) throws {
        let problems = try problems(#"{"a": "x\#(text)y", "b": "x\#(text)y", "c": "5\u202f€ l’été, שלום 👩🏽‍⚕️"}"#) {
            fields in
            _ = fields.string("a")
            _ = fields.string("b", .lines)
            _ = fields.string("c")
        }
        #expect(problems.map(\.pointer) == ["/a"])
    }

    @Test func `stops telling after a hundred problems and says how many there were`() throws {
        let text = "{" + (0..<250).map { "\"x\($0)\": 1" }.joined(separator: ",") + "}"
        let fields = try fields(text)
        let problem = #expect(throws: Problem.self) { try fields.finish() }
        #expect(problem?.errors.count == 100)
        #expect(problem?.detail == "250 fields were refused.")
    }

    @Test func `any object is read or refused with pointer, reason and remedy`() throws {
        var randomness = SeededRandomness(seed: 7)
        for _ in 0..<3_000 {
            let text = RandomJSON.object(using: &randomness)
            let problems = try problems(text) { fields in
                _ = fields.string("name")
                _ = fields.optionalInteger("count", in: 0...10)
                _ = fields.money("amount", .notNegative)
                _ = fields.list("lines", count: 0...3) { ($0.optionalID("id", of: ClientID.self), $0.money("amount")) }
                _ = fields.ids("ids", of: InvoiceID.self)
                _ = fields.optionalObject("client")?.email("email")
                _ = fields.optionalEnumeration("colour", as: Colour.self)
                _ = fields.optionalLocalDate("day")
            }
            for problem in problems {
                #expect(problem.pointer.hasPrefix("/"))
                #expect(!problem.reason.description.isEmpty && !problem.remedy.description.isEmpty)
            }
        }
    }
}

/// Objects whose names are those that are read, and whose values are anything.
enum RandomJSON {
    private static let names = [
        "name", "count", "amount", "lines", "ids", "client", "colour", "day", "minorUnits", "currency", "email", "id",
        "x/~y",
    ]
    private static let values = [
        "null", "true", "0", "-5", "3", "1.5", "1e400", "99999999999999999999", "\"\"", "\"EUR\"", "\"green\"",
        "\"2026-02-30\"", "\"2026-02-28\"", "\"a@b.fr\"", "\"\\u0000\"", "[]", "{}",
        "\"0199b3a2-7c41-7d30-9c2e-5f1d2a3b4c5d\"",
    ]

    static func object(using randomness: inout SeededRandomness, depth: Int = 0) -> String {
        let members = names.shuffled(using: &randomness).prefix(Int.random(in: 0...6, using: &randomness))
            .map { "\"\($0)\": \(value(using: &randomness, depth: depth + 1))" }
        return "{" + members.joined(separator: ", ") + "}"
    }

    private static func value(using randomness: inout SeededRandomness, depth: Int) -> String {
        switch Int.random(in: 0...9, using: &randomness) {
        case 0...1 where depth < 4: object(using: &randomness, depth: depth)
        case 2...3 where depth < 4:
            "["
                + (0..<Int.random(in: 0...4, using: &randomness))
                .map { _ in value(using: &randomness, depth: depth + 1) }.joined(separator: ", ") + "]"
        default: values.randomElement(using: &randomness) ?? "null"
        }
    }
}
