/// Where somebody is who gets a message, as far as wall clocks and public holidays go.
package struct Whereabouts: Hashable, Sendable {
    package let timeZone: String
    package let region: HolidayRegion

    package init(timeZone: String, region: HolidayRegion) {
        self.timeZone = timeZone
        self.region = region
    }

    /// Where a number shows that its owner is; where the organisation is if it shows nothing.
    package init(of number: String, orOf organisation: HolidayRegion) {
        let shown = Self.overseas.first { number.hasPrefix($0.prefix) }?.regions ?? []
        let region = shown.contains(organisation) ? organisation : shown.first ?? organisation
        self.init(timeZone: region.timeZone, region: region)
    }

    /// How numbers overseas begin; of several territories with the same the one most people live in stands first.
    private static let overseas: [(prefix: String, regions: [HolidayRegion])] = [
        ("+262269", [.mayotte]), ("+262639", [.mayotte]), ("+262", [.reunion]), ("+508", [.saintPierreAndMiquelon]),
        ("+590", [.guadeloupe, .saintMartin, .saintBarthelemy]), ("+594", [.guyane]), ("+596", [.martinique]),
        ("+681", [.wallisAndFutuna]), ("+687", [.newCaledonia]), ("+689", [.frenchPolynesia]),
    ]
}

extension HolidayRegion {
    /// The wall clock of its capital.
    package var timeZone: String {
        switch self {
        case .mainland, .alsaceMoselle: "Europe/Paris"
        case .guadeloupe: "America/Guadeloupe"
        case .martinique: "America/Martinique"
        case .guyane: "America/Cayenne"
        case .reunion: "Indian/Reunion"
        case .mayotte: "Indian/Mayotte"
        case .saintMartin: "America/Marigot"
        case .saintBarthelemy: "America/St_Barthelemy"
        case .saintPierreAndMiquelon: "America/Miquelon"
        case .newCaledonia: "Pacific/Noumea"
        case .frenchPolynesia: "Pacific/Tahiti"
        case .wallisAndFutuna: "Pacific/Wallis"
        }
    }
}
