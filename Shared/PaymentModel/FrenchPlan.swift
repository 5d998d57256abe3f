/// The plan of numbers of France, which gives each number once for the mainland and its departments overseas (ARCEP).
package enum FrenchPlan {
    /// The region (ISO 3166-1 alpha-2) that a number is of by its first digits, without the zero before them; nil where
    /// tables of ranges say it.
    package static func region(of number: some StringProtocol) -> String? {
        // For films, and nobody's: amid Mayotte's, and written as a number of the mainland.
        number.hasPrefix("63998") ? "FR" : overseas[String(number.prefix(3))]
    }

    /// Saint-Pierre-et-Miquelon's number that was written with its 508 twice, which it is dialled by at home and from
    /// abroad, before six digits of its own; nil for any other.
    package static func withoutDialledTwice(_ e164: String) -> String? {
        e164.hasPrefix("+508508") && e164.count == "+508508412345".count ? "+508\(e164.suffix(6))" : nil
    }

    private static let overseas = [
        "262": "RE", "263": "RE", "692": "RE", "693": "RE", "269": "YT", "639": "YT", "590": "GP", "690": "GP",
        "691": "GP", "594": "GF", "694": "GF", "596": "MQ", "696": "MQ", "697": "MQ", "508": "PM",
    ]
}
