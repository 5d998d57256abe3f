package import PaymentModel

/// Where in France a clinic is, as far as public holidays go.
package enum HolidayRegion: String, Hashable, Sendable, CaseIterable {
    case mainland
    case alsaceMoselle = "alsace-moselle"
    case guadeloupe, martinique, guyane, reunion, mayotte
    case saintMartin = "saint-martin"
    case saintBarthelemy = "saint-barthelemy"
    case saintPierreAndMiquelon = "saint-pierre-and-miquelon"
    case newCaledonia = "new-caledonia"
    case frenchPolynesia = "french-polynesia"
    case wallisAndFutuna = "wallis-and-futuna"
}

/// The public holidays of the French labour law, of Alsace-Moselle and of overseas.
package enum FrenchHolidays {
    package static func contains(_ day: LocalDate, in region: HolidayRegion) -> Bool {
        let date = day.month * 100 + day.day
        if everywhere.contains(date) || (local[region] ?? []).contains(date) { return true }
        let daysAfterEaster = day.daysSince1970 - LocalDate.easter(of: day.year).daysSince1970
        // Easter Monday, Ascension, Whit Monday; Good Friday where it is one.
        return [1, 39, 50].contains(daysAfterEaster) || daysAfterEaster == -2 && keepGoodFriday.contains(region)
    }

    /// As month and day, such as 714.
    private static let everywhere: Set<Int> = [101, 501, 508, 714, 815, 1101, 1111, 1225]

    private static let keepGoodFriday: Set<HolidayRegion> = [.alsaceMoselle, .frenchPolynesia]

    /// Saint Stephen's day, the days slavery ended, and the territories' own.
    ///
    /// In Saint-Martin it is the day its prefecture keeps; in French Polynesia Matari'i has taken the place of 29 June.
    private static let local: [HolidayRegion: Set<Int>] = [
        .alsaceMoselle: [1226], .guadeloupe: [527], .martinique: [522], .guyane: [610], .reunion: [1220],
        .mayotte: [427], .saintMartin: [528], .saintBarthelemy: [1009], .newCaledonia: [924],
        .frenchPolynesia: [305, 1120], .wallisAndFutuna: [428, 729],
    ]
}
