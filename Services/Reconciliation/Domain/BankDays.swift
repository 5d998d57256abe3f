package import PaymentModel

/// Days on which banks of the euro pass transfers on (TARGET): no weekends, and not six days of the year.
package enum BankDays {
    /// As month and day, such as 1225.
    private static let closed: Set<Int> = [101, 501, 1225, 1226]

    package static func contains(_ day: LocalDate) -> Bool {
        guard day.weekday != .saturday, day.weekday != .sunday, !closed.contains(day.month * 100 + day.day) else {
            return false
        }
        let tomorrow = day.adding(days: 1)
        // Good Friday is two days before Easter, Easter Monday the day after.
        return tomorrow.adding(days: 1) != easter(of: day.year) && day.adding(days: -1) != easter(of: day.year)
    }

    /// This day, or the first one after it on which banks work.
    package static func first(from day: LocalDate) -> LocalDate {
        var next = day
        while !contains(next), next < .latest { next = next.adding(days: 1) }
        return next
    }

    /// Easter Sunday: the Sunday after the first full moon of spring, as the Gregorian calendar counts the moon.
    private static func easter(of year: Int) -> LocalDate {
        let (golden, century) = (year % 19, year / 100)
        let solar = century - century / 4
        let lunar = (8 * century + 13) / 25
        var epact = (19 * golden + solar - lunar + 15) % 30
        if epact == 29 || (epact == 28 && golden > 10) { epact -= 1 }
        let moon = (LocalDate(year: year, month: 3, day: 21) ?? .earliest).adding(days: epact)
        return moon.adding(days: 7 - moon.weekday.rawValue % 7)
    }
}
