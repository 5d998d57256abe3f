// Banks and the law both count days from it.
extension LocalDate {
    /// Easter Sunday: the Sunday after the first full moon of spring, as the Gregorian calendar counts the moon.
    package static func easter(of year: Int) -> LocalDate {
        let (golden, century) = (year % 19, year / 100)
        let solar = century - century / 4
        let lunar = (8 * century + 13) / 25
        var epact = (19 * golden + solar - lunar + 15) % 30
        if epact == 29 || (epact == 28 && golden > 10) { epact -= 1 }
        let moon = (LocalDate(year: year, month: 3, day: 21) ?? .earliest).adding(days: epact)
        return moon.adding(days: 7 - moon.weekday.rawValue % 7)
    }
}
