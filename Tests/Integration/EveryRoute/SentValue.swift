import HTTPServer
import PaymentModel
import TestSupport

/// A JSON value as a client may write it, also one that no reader should take.
indirect enum SentValue {
    /// Anything that is written as it is: numbers, words, and what only looks like JSON.
    case raw(String)
    case text(String)
    case list([SentValue])
    /// Members in order; a name may come twice.
    case object([(name: String, value: SentValue)])

    /// The same as JSON.
    var json: String {
        switch self {
        case .raw(let text): text
        case .text(let text): Self.quoted(text)
        case .list(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)):\($0.value.json)" }.joined(separator: ",") + "}"
        }
    }

    init(_ value: JSONValue) {
        switch value {
        case .null: self = .raw("null")
        case .bool(let flag): self = .raw(flag ? "true" : "false")
        case .number(let number): self = .raw(number.text)
        case .string(let text): self = .text(text)
        case .array(let elements): self = .list(elements.map(SentValue.init))
        case .object(let object): self = .object(object.names.map { ($0, SentValue(object[$0] ?? .null)) })
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20:
                "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2) + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

// MARK: Spoiling

extension SentValue {
    /// The same with one thing wrong, somewhere in it.
    func spoilt(using random: inout SeededChoice) -> SentValue {
        switch self {
        case .object(let members) where !members.isEmpty && random.chance(4, of: 5):
            return .object(Self.spoilt(members, using: &random))
        case .list(let elements) where !elements.isEmpty && random.chance(4, of: 5):
            var elements = elements
            let place = random.index(of: elements)
            elements[place] = elements[place].spoilt(using: &random)
            return .list(elements)
        default: return random.one(of: Self.bad)
        }
    }

    private static func spoilt(
        _ members: [(name: String, value: SentValue)], using random: inout SeededChoice
    ) -> [(name: String, value: SentValue)] {
        var members = members
        let place = random.index(of: members)
        switch random.number(0...9) {
        case 0: members.remove(at: place)
        case 1: members.append(("unheardOf", .raw("1")))
        case 2: members.append(members[place])
        case 3: members[place].name = members[place].name.uppercased()
        case 4: members[place].value = .list([members[place].value])
        case 5: members[place].value = .text(members[place].value.json)
        default: members[place].value = members[place].value.spoilt(using: &random)
        }
        return members
    }

    private static let bad: [SentValue] = [
        .raw("null"), .raw("true"), .raw("-1"), .raw("0"), .raw("1.5"), .raw("1e400"), .raw("-0"), .raw("01"),
        .raw("9223372036854775807"), .raw("9223372036854775808"), .raw("-9223372036854775808"), .raw("1e2"),
        .raw("NaN"), .raw("\"\\ud800\""), .raw("\"\\u0000\""), .raw("\"a"), .raw("{"), .raw(""),
        .raw(String(repeating: "[", count: 40) + String(repeating: "]", count: 40)),
        .text(""), .text(" "), .text("\u{7}"), .text("' OR 1=1; --"), .text("{{link}}{{"), .text("٣"),
        .text("שלום مرحبا"), .text("👩🏽‍⚕️🐶"), .text("e\u{301}\u{301}\u{301}"), .text("\u{202E}abc"),
        .text("../../etc/passwd"),
        .text("=cmd|'/C calc'!A0"), .text(String(repeating: "é", count: 100_000)), .text("2026-02-30"),
        .text("0000-00-00"), .text("9999-12-31"), .text("2026-11-26T25:00:00Z"), .text("EURO"), .text("XXX"),
        .text("+336"), .text("00000000-0000-0000-0000-000000000000"), .text("ffffffff-ffff-ffff-ffff-ffffffffffff"),
        .list([]), .object([]), .list(Array(repeating: .raw("1"), count: 1_500)),
    ]
}

/// Choices that are the same for the same seed.
struct SeededChoice {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    mutating func chance(_ count: Int, of all: Int) -> Bool { number(1...all) <= count }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[index(of: elements)] }

    mutating func index<Element>(of elements: [Element]) -> Int { number(0...elements.count - 1) }

    mutating func uuid() -> String { UInt128.random(in: 0...UInt128.max, using: &generator).uuidText }

    mutating func letters(_ count: Int) -> String {
        String((0..<max(0, count)).map { _ in one(of: Array("abcdefghij klmnopéè")) })
    }
}
