/// The plan of numbers of France, which gives each number once for the mainland and its departments overseas (ARCEP).
package enum FrenchPlan {
    /// The region (ISO 3166-1 alpha-2) that a number is of by its first digits, without the zero before them; nil where
    /// tables of ranges say it.
    package static func region(of number: some StringProtocol) -> String? {
        // For films, and nobody's: amid Mayotte's, and written as a number of the mainland.
        number.hasPrefix("63998") ? "FR" : overseas[String(number.prefix(3))]
    }

    private static let overseas = [
        "262": "RE", "263": "RE", "692": "RE", "693": "RE", "269": "YT", "639": "YT", "590": "GP", "690": "GP",
        "691": "GP", "594": "GF", "694": "GF", "596": "MQ", "696": "MQ", "697": "MQ", "508": "PM",
    ]
}
