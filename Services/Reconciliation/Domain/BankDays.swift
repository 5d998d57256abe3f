package import PaymentModel

/// Days on which banks of the euro pass transfers on (TARGET): no weekends, and not six days of the year.
package enum BankDays {
    /// As month and day, such as 1225.
    private static let closed: Set<Int> = [101, 501, 1225, 1226]

    package static func contains(_ day: LocalDate) -> Bool {
        guard day.weekday != .saturday, day.weekday != .sunday, !closed.contains(day.month * 100 + day.day) else {
            return false
        }
        let easter = LocalDate.easter(of: day.year)
        // Good Friday is two days before Easter, Easter Monday the day after.
        return day != easter.adding(days: -2) && day != easter.adding(days: 1)
    }

    /// This day, or the first one after it on which banks work.
    package static func first(from day: LocalDate) -> LocalDate {
        var next = day
        while !contains(next), next < .latest { next = next.adding(days: 1) }
        return next
    }
}
