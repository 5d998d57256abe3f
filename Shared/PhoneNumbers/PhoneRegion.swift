/// The region whose plan of numbers a clinic dials by: that of its time zone (INV-1, NOT-5).
package enum PhoneRegion {
    /// ISO 3166-1 alpha-2; France for a zone that tells no region of its own.
    package static func of(timeZone: String) -> String { regions[timeZone] ?? "FR" }

    private static let regions = [
        "Indian/Reunion": "RE", "Indian/Mayotte": "YT", "America/Guadeloupe": "GP", "America/Martinique": "MQ",
        "America/Cayenne": "GF", "America/Miquelon": "PM", "America/St_Barthelemy": "BL", "America/Marigot": "MF",
        "Pacific/Noumea": "NC", "Pacific/Tahiti": "PF", "Pacific/Marquesas": "PF", "Pacific/Gambier": "PF",
        "Pacific/Wallis": "WF", "Europe/Brussels": "BE", "Europe/Zurich": "CH", "Europe/Luxembourg": "LU",
        "Europe/Monaco": "MC", "Europe/Andorra": "AD", "Europe/Berlin": "DE", "Europe/Madrid": "ES",
        "Europe/Rome": "IT", "Europe/Amsterdam": "NL", "Europe/Lisbon": "PT", "Europe/London": "GB",
        "Europe/Dublin": "IE", "Europe/Vienna": "AT",
    ]
}
