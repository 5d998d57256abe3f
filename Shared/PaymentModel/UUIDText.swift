private let uuidTextLength = 36
private let lowerHexadecimal = Array("0123456789abcdef".utf8)

extension UInt128 {
    /// Canonical lower-case UUID text of these 128 bits.
    package var uuidText: String {
        var text: [UInt8] = []
        text.reserveCapacity(uuidTextLength)
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { text.append(UInt8(ascii: "-")) }
            text.append(lowerHexadecimal[Int(truncatingIfNeeded: self >> UInt128(124 - digit * 4)) & 0xF])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the hyphenated form with digits of either case and nothing else.
    package init?(uuidText: String) {
        guard uuidText.utf8.count == uuidTextLength else { return nil }
        var value: UInt128 = 0
        for (position, character) in uuidText.utf8.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexadecimalDigit(character) else { return nil }
                value = value << 4 | UInt128(digit)
            }
        }
        self = value
    }
}

private func hexadecimalDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
