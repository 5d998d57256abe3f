/// The plan of numbers of France, which gives each number once for the mainland and its departments overseas (ARCEP).
package enum FrenchPlan {
    /// The region (ISO 3166-1 alpha-2) that a number is of by its first digits, without the zero before them; nil where
    /// tables of ranges say it.
    package static func region(of number: some StringProtocol) -> String? {
        // For films, and nobody's: amid Mayotte's, and written as a number of the mainland.
        number.hasPrefix("63998") ? "FR" : overseas[String(number.prefix(3))]
    }

    /// Saint-Pierre-et-Miquelon's number that was written with 508 twice: as what France dials before its six digits,
    /// and as the country; nil for any other.
    package static func withoutDialledTwice(_ e164: String) -> String? {
        e164.hasPrefix("+508508") && e164.count == "+508508412345".count ? "+508\(e164.suffix(6))" : nil
    }

    /// How a number was kept that is read as this one by now, and is still where somebody else had it so already.
    package static func keptBefore(_ e164: String) -> [String] {
        let (code, number) = (e164.prefix(4), e164.dropFirst(4))
        if e164.hasPrefix("+3363998") { return ["+262\(e164.dropFirst(3))"] }
        if code == "+508", number.count == 6 { return ["+33508\(number)", "+508508\(number)"] }
        let isOverseas = ["+262", "+590", "+594", "+596"].contains(code) && region(of: number) != nil
        return isOverseas ? ["+33\(number)"] : []
    }

    /// How a number is read by now that may have been kept in another way; itself when it was not.
    package static func readNow(_ e164: String) -> String {
        if let short = withoutDialledTwice(e164) { return short }
        guard e164.count == "+33612345678".count, e164.hasPrefix("+33") else {
            return e164.hasPrefix("+26263998") ? "+33\(e164.dropFirst(4))" : e164
        }
        let number = e164.dropFirst(3)
        return switch region(of: number) {
        case "RE", "YT": "+262\(number)"
        case "GP": "+590\(number)"
        case "GF": "+594\(number)"
        case "MQ": "+596\(number)"
        case "PM": "+508\(number.dropFirst(3))"
        default: e164
        }
    }

    private static let overseas = [
        "262": "RE", "263": "RE", "692": "RE", "693": "RE", "269": "YT", "639": "YT", "590": "GP", "690": "GP",
        "691": "GP", "594": "GF", "694": "GF", "596": "MQ", "696": "MQ", "697": "MQ", "508": "PM",
    ]
}
