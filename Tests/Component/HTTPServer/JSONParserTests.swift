import HTTPServer
import Testing

@Suite struct `Reading JSON strictly` {
    func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func `keeps numbers, texts and order as they were written`() throws {
        let value = try parse(
            #" {"b": [1, -20, 1.50, 1e3], "a": {"t": "é\u00e9\ud83d\ude00\n"}, "n": null, "y": true} "#)
        #expect(value.members?.names == ["b", "a", "n", "y"])
        #expect(value["a"]?["t"]?.text == "éé😀\n")
        guard case .number(let fraction) = value["b"]?.elements?[2] else { return #expect(Bool(false)) }
        #expect(fraction.text == "1.50" && fraction.isFractional && fraction.integer == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "--1", "NaN", "tru",
        "nul",
        "\"a", "\"\\x\"", "\"\\ud83d\"", "\"\\udc00\"", "\"\\u12\"", "\"a\nb\"", "{} {}", "[1 2]", "{\"a\" 1}",
        "{\"a\":1 \"b\":2}", "[", "{\"a\"", "\u{FEFF}{}",
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test func `refuses a name given twice, also when written differently`() {
        #expect(throws: JSONSyntaxError.self) { try parse(#"{"amount":1,"amount":2}"#) }
        #expect(throws: JSONSyntaxError.self) { try parse(#"{"amount":1,"\u0061mount":2}"#) }
    }

    @Test func `refuses what is nested without end, without falling over`() {
        let deep = String(repeating: "[", count: 200_000)
        #expect(throws: JSONSyntaxError.self) { try parse(deep) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func `never falls over, whatever the bytes`() {
        var randomness = SeededRandomness(seed: 42)
        let fragments = [
            "{", "}", "[", "]", ":", ",", "\"", "\\u", "d83d", "1", "-", ".", "e9", "true", "null", " ", "é",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...24, using: &randomness))
                .map { _ in fragments.randomElement(using: &randomness) ?? "" }.joined()
            _ = try? parse(text)
            let bytes = (0..<Int.random(in: 0...16, using: &randomness)).map { _ in
                UInt8.random(in: 0...255, using: &randomness)
            }
            _ = try? JSONParser.parse(bytes)
        }
    }
}

/// The same numbers for the same seed, so that a failure can be repeated.
struct SeededRandomness: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixing = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixing = (mixing ^ (mixing >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixing ^ (mixing >> 31)
    }
}
