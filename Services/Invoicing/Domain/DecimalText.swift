/// Decimal numbers as French software writes them, read exactly.
enum DecimalText {
    /// `42,5` with two decimals is 4250; nil for anything that is not a plain number with at most so many decimals.
    static func scaled(_ text: String, decimals: Int) -> Int64? {
        let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard let whole = parts.first, !whole.isEmpty, fraction.count <= decimals,
            parts.count == 1 || !fraction.isEmpty,
            (whole + fraction).allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return Int64(whole + fraction + String(repeating: "0", count: decimals - fraction.count))
    }
}
