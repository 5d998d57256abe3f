import PaymentModel

/// From a JSON value to a value of ours, or the reason why not.
enum Reading {
    static let idRemedy: Sentence = "Give a UUID such as 0199b3a2-7c41-7d30-9c2e-5f1d2a3b4c5d."
    static let dateRemedy: Sentence = "Give a day such as 2026-11-21."
    static let instantRemedy: Sentence = "Give a time such as 2026-11-21T22:50:23Z."
    static let countryRemedy: Sentence = "Give two capital letters such as FR."
    static let phoneRemedy: Sentence = "Give the number in E.164, such as +33612345678."
    static let emailRemedy: Sentence = "Give an address such as name@example.com."
    static let currencyRemedy: Sentence = "Give a currency code of ISO 4217 in capitals, such as EUR."
    static let moneyRemedy: Sentence = "Give an amount such as {\"minorUnits\": 12990, \"currency\": \"EUR\"}."

    /// Stand-ins for refused fields; they never leave the reader of a request.
    static let anyPhone: Phone = {
        guard let phone = Phone(e164: "+33600000000") else { preconditionFailure("a valid number") }
        return phone
    }()

    static let anyEmail: EmailAddress = {
        guard let email = EmailAddress("name@example.com") else { preconditionFailure("a valid address") }
        return email
    }()

    static func wrongKind(_ value: JSONValue, expected: Sentence) -> Refusal {
        Refusal(reason: "It is \(value.kind).", remedy: "Give \(expected).")
    }

    static func object(_ value: JSONValue, remedy: Sentence = "Give an object.") throws(Refusal) -> JSONObject {
        guard case .object(let object) = value else { throw Refusal(reason: "It is \(value.kind).", remedy: remedy) }
        return object
    }

    static func list(_ value: JSONValue, count: ClosedRange<Int>) throws(Refusal) -> [JSONValue] {
        guard case .array(let elements) = value else { throw wrongKind(value, expected: "a list") }
        guard count.contains(elements.count) else {
            throw Refusal(
                reason: "It has \(elements.count) elements.",
                remedy: "Give \(count.lowerBound) to \(count.upperBound) elements.")
        }
        return elements
    }
}

// MARK: Texts

extension Reading {
    static func text(_ value: JSONValue, max: Int, _ rule: TextRule = .line) throws(Refusal) -> String {
        guard let text = try possiblyEmptyText(value, max: max, rule) else {
            throw Refusal(reason: "It is empty.", remedy: "Give a text of 1 to \(max) characters.")
        }
        return text
    }

    static func possiblyEmptyText(_ value: JSONValue, max: Int, _ rule: TextRule) throws(Refusal) -> String? {
        guard case .string(let text) = value else { throw wrongKind(value, expected: "a string") }
        // Counting characters walks the text, so its bytes are bounded first.
        guard text.utf8.count <= max * 4 + 64, trimmed(text).count <= max else {
            throw Refusal(
                reason: "It has more than \(max) characters.", remedy: "Shorten it to \(max) characters.")
        }
        guard !text.unicodeScalars.contains(where: { isRefused($0, rule) }) else {
            throw refusal(ofControlIn: text, rule)
        }
        let trimmed = trimmed(text)
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// On one line it is found at once; of several its place is told.
    private static func refusal(ofControlIn text: String, _ rule: TextRule) -> Refusal {
        let remedy: Sentence = "Take the control characters out."
        guard rule == .lines else { return Refusal(reason: "It contains a control character.", remedy: remedy) }
        var (line, column) = (1, 1)
        for character in text {
            if character.unicodeScalars.contains(where: { isRefused($0, rule) }) { break }
            (line, column) = character.isNewline ? (line + 1, 1) : (line, column + 1)
        }
        return Refusal(reason: "Line \(line), column \(column): there is a control character.", remedy: remedy)
    }

    static func parsed<Value>(
        _ value: JSONValue, max: Int, remedy: Sentence, _ parse: (String) -> Value?
    ) throws(Refusal) -> Value {
        guard case .string(let text) = value else { throw Refusal(reason: "It is \(value.kind).", remedy: remedy) }
        guard text.utf8.count <= max * 4, let parsed = parse(text) else {
            throw Refusal(reason: "It is not in the form it should have.", remedy: remedy)
        }
        return parsed
    }

    static func day(_ value: JSONValue) throws(Refusal) -> LocalDate {
        if case .string(let text) = value, isWrittenAsDay(text), LocalDate(text) == nil {
            throw Refusal(reason: "There is no such day.", remedy: dateRemedy)
        }
        return try parsed(value, max: 10, remedy: dateRemedy) { LocalDate($0) }
    }

    /// Such as `2027-02-30`.
    private static func isWrittenAsDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [4, 2, 2]
            && parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } }
    }

    static func id<ID: Identifier>(_ value: JSONValue) throws(Refusal) -> ID {
        try parsed(value, max: 36, remedy: idRemedy) { ID($0) }
    }

    static func enumeration<Value: RawRepresentable & CaseIterable>(
        _ value: JSONValue
    ) throws(Refusal) -> Value where Value.RawValue == String {
        guard case .string(let text) = value else { throw wrongKind(value, expected: "a string") }
        guard let known = Value(rawValue: text) else {
            let nearest = Suggestion.nearest(to: text, among: Value.allCases.map(\.rawValue))
            let known = remedy(Value.self)
            throw Refusal(
                reason: "It is not one of the known values.",
                remedy: nearest.map { "Did you mean \"\($0)\"? \(known)" } ?? known)
        }
        return known
    }

    static func remedy<Value: RawRepresentable & CaseIterable>(
        _ type: Value.Type
    ) -> Sentence where Value.RawValue == String {
        "Give one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))."
    }

    /// A NUL can't be kept by the database, and the others have no business in a text for people.
    private static func isRefused(_ scalar: Unicode.Scalar, _ rule: TextRule) -> Bool {
        switch rule {
        case .line: !scalar.isOfLine
        case .lines:
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\r" && scalar != "\t"
        }
    }

    private static func trimmed(_ text: String) -> Substring {
        let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? start
        return text[start..<end]
    }
}

// MARK: Numbers

extension Reading {
    static func remedy(_ range: ClosedRange<Int>) -> Sentence {
        "Give a whole number from \(range.lowerBound) to \(range.upperBound)."
    }

    static func integer(
        _ value: JSONValue, in range: ClosedRange<Int>, _ source: Fields.Source
    ) throws(Refusal) -> Int {
        let number = try whole(value, source, remedy: remedy(range))
        guard let integer = Int(exactly: number), range.contains(integer) else {
            throw Refusal(reason: "It is out of range.", remedy: remedy(range))
        }
        return integer
    }

    static func minorUnits(_ value: JSONValue, _ rule: MoneyRule, max: Int64) throws(Refusal) -> Int64 {
        let range = range(rule, max: max)
        let remedy: Sentence = "Give whole minor units, such as cents, from \(range.lowerBound) to \(range.upperBound)."
        let units = try whole(value, .body, remedy: remedy)
        guard range.contains(units) else { throw Refusal(reason: reason(units, rule), remedy: remedy) }
        return units
    }

    static func boolean(_ value: JSONValue, _ source: Fields.Source) throws(Refusal) -> Bool {
        switch (source, value) {
        case (_, .bool(let flag)): return flag
        case (.query, .string("true")): return true
        case (.query, .string("false")): return false
        default: throw wrongKind(value, expected: "true or false")
        }
    }

    private static func whole(
        _ value: JSONValue, _ source: Fields.Source, remedy: Sentence
    ) throws(Refusal) -> Int64 {
        let number: JSONNumber
        switch (source, value) {
        case (_, .number(let written)): number = written
        case (.query, .string(let text)): number = JSONNumber(text: text)
        default: throw Refusal(reason: "It is \(value.kind).", remedy: remedy)
        }
        guard !number.isFractional else {
            throw Refusal(reason: "It has a fraction or an exponent.", remedy: remedy)
        }
        guard let integer = number.integer else {
            throw Refusal(reason: "It is not a whole number that can be kept exactly.", remedy: remedy)
        }
        return integer
    }

    private static func range(_ rule: MoneyRule, max: Int64) -> ClosedRange<Int64> {
        switch rule {
        case .positive: 1...max
        case .notNegative: 0...max
        case .signed: -max...max
        }
    }

    private static func reason(_ units: Int64, _ rule: MoneyRule) -> Sentence {
        switch rule {
        case .positive where units == 0: "It is zero."
        case .positive where units < 0, .notNegative where units < 0: "It is negative."
        case .positive, .notNegative, .signed: "It is too large."
        }
    }

    static func country(_ text: String) -> String? {
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            ? text : nil
    }
}
