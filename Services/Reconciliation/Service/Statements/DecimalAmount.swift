import PaymentModel

/// Amounts as files write them, read exactly.
enum DecimalAmount {
    /// `written` is how the file has it, where that is not the text; `digits` are those of the currency, unless the
    /// file counts something else.
    static func money(
        _ text: String, _ code: String?, digits: Int? = nil, line: Int, written: String? = nil
    ) throws -> Money {
        guard let code, let currency = Currency(code) else {
            throw FileProblem(
                line: line, reason: "The currency \"\((code ?? "").prefix(10))\" is not known.",
                remedy: "Give a code of ISO 4217 such as EUR.")
        }
        let digits = digits ?? currency.minorDigits
        guard let minorUnits = minorUnits(text, digits: digits) else {
            throw FileProblem(
                line: line, reason: "\"\((written ?? text).prefix(30))\" is not an amount.",
                remedy: "Give digits and at most \(digits) decimals.")
        }
        return Money(minorUnits, currency)
    }

    /// `-12.5` with two digits is -1250; surplus zeros are accepted, nothing is rounded.
    static func minorUnits(_ text: String, digits: Int) -> Int64? {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty else { return nil }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.count > digits, fraction.last == "0" { fraction = fraction.dropLast() }
        guard fraction.count <= digits, (whole + fraction).allSatisfy({ $0.isASCII && $0.isNumber }),
            let value = Int64(whole + fraction + String(repeating: "0", count: digits - fraction.count))
        else { return nil }
        return text.hasPrefix("-") ? -value : value
    }
}
