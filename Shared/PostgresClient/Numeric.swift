extension PostgresCell {
    /// A `numeric` as decimal text, exactly: base-10000 digits, the weight of the first, a sign and a scale.
    func numeric() throws(PostgresError) -> String {
        let wanted = "a numeric"
        let groups = Int(try number(at: 0, Int16.self, wanted))
        let weight = Int(try number(at: 2, Int16.self, wanted))
        let sign = try number(at: 4, UInt16.self, wanted)
        let scale = Int(try number(at: 6, Int16.self, wanted))
        guard sign == 0 || sign == 0x4000 else { throw mismatch("a finite numeric") }

        func digits(_ group: Int) throws(PostgresError) -> String {
            guard (0..<groups).contains(group) else { return "0000" }
            let value = Int(try number(at: 8 + 2 * group, Int16.self, wanted))
            return String(String(10_000 + value).dropFirst())
        }
        var whole = ""
        if weight >= 0 { for group in 0...weight { whole += try digits(group) } }
        var fraction = ""
        var group = weight + 1
        while fraction.count < scale {
            fraction += try digits(group)
            group += 1
        }
        let significant = whole.drop { $0 == "0" }
        let text = (significant.isEmpty ? "0" : String(significant)) + (scale > 0 ? ".\(fraction.prefix(scale))" : "")
        return sign == 0 ? text : "-\(text)"
    }
}
