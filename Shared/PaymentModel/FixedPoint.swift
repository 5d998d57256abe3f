/// Whole numbers that stand for decimals, as text.
package enum FixedPoint {
    /// `129.90` for 12990 with two digits, `1500` with none.
    package static func text(_ scaled: Int64, digits: Int, separator: String) -> String {
        let plain = String(scaled.magnitude)
        let sign = scaled < 0 ? "-" : ""
        guard digits > 0 else { return sign + plain }
        let padded = String(repeating: "0", count: max(0, digits + 1 - plain.count)) + plain
        return sign + padded.dropLast(digits) + separator + padded.suffix(digits)
    }
}
