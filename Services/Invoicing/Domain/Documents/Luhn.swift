/// The check digit of SIREN and SIRET numbers (ISO/IEC 7812-1, annex B).
package enum Luhn {
    /// Whether `text` is all digits and its last one fits the others.
    package static func holds(_ text: String) -> Bool {
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return false }
        let sum = text.reversed().compactMap(\.wholeNumberValue).enumerated().reduce(0) { sum, digit in
            let doubled = digit.offset.isMultiple(of: 2) ? digit.element : 2 * digit.element
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return sum.isMultiple(of: 10)
    }
}
