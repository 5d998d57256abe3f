/// Reads fixed-width numbers and separators off the front of a text.
struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly this many digits.
    mutating func number(digits: Int) -> Int? {
        guard rest.count >= digits else { return nil }
        var value = 0
        for character in rest.prefix(digits) {
            guard let digit = decimalDigit(character) else { return nil }
            value = value * 10 + digit
        }
        rest = rest.dropFirst(digits)
        return value
    }

    /// Digits of a fraction scaled to six places; further ones are cut off.
    mutating func microseconds() -> Int? {
        var value = 0
        var places = 0
        while let character = rest.first, let digit = decimalDigit(character) {
            if places < 6 { value = value * 10 + digit }
            places += 1
            rest = rest.dropFirst()
        }
        guard (1...12).contains(places) else { return nil }
        for _ in min(places, 6)..<6 { value *= 10 }
        return value
    }

    mutating func skip(_ any: String) -> Bool {
        guard let character = rest.first, any.utf8.contains(character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

private func decimalDigit(_ character: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) ? Int(character - UInt8(ascii: "0")) : nil
}

func paddedDecimal(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
