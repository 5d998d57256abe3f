package import PaymentModel

/// When marketing may reach somebody's phone: on working days between two times of the day (NOT-9, C-12).
package struct MarketingHours: Hashable, Sendable {
    package let opensAt: LocalTime
    package let closesAt: LocalTime
    package let region: HolidayRegion

    /// From eight in the morning to eight in the evening, as the operators ask for.
    package static let standard = MarketingHours(
        opensAt: .morning, closesAt: LocalTime(minutes: 20 * 60) ?? .morning, region: .mainland)

    package init(opensAt: LocalTime, closesAt: LocalTime, region: HolidayRegion) {
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.region = region
    }

    /// The same times of the day, on the working days of another region.
    package func observing(_ region: HolidayRegion) -> MarketingHours {
        MarketingHours(opensAt: opensAt, closesAt: closesAt, region: region)
    }

    package func areOpen(on day: LocalDate, at time: LocalTime) -> Bool {
        isWorkingDay(day) && time >= opensAt && time < closesAt
    }

    /// For how many whole minutes they stay open when they are; the one that has begun is none.
    package func minutesLeft(at time: LocalTime) -> Int { closesAt.minutes - time.minutes - 1 }

    /// When they open next, at this moment or later.
    package func nextOpening(from day: LocalDate, _ time: LocalTime) -> (day: LocalDate, time: LocalTime) {
        if areOpen(on: day, at: time) { return (day, time) }
        var next = time < opensAt ? day : day.adding(days: 1)
        // The calendar has no week without a working day.
        while !isWorkingDay(next), next < .latest { next = next.adding(days: 1) }
        return (next, opensAt)
    }

    /// The first moment, this one or a later one, at which something may leave and still arrive before they close.
    package func firstChance(from day: LocalDate, _ time: LocalTime) -> (day: LocalDate, time: LocalTime) {
        let isTooLate = areOpen(on: day, at: time) && minutesLeft(at: time) <= 0
        return nextOpening(from: day, isTooLate ? closesAt : time)
    }

    /// When these hours begin next, on any day of the week; nil within them.
    ///
    /// For what is no marketing and may leave on a Sunday, but need not wake anybody.
    package func nextMorning(after day: LocalDate, _ time: LocalTime) -> (day: LocalDate, time: LocalTime)? {
        if time < opensAt { return (day, opensAt) }
        return time < closesAt ? nil : (day.adding(days: 1), opensAt)
    }

    private func isWorkingDay(_ day: LocalDate) -> Bool {
        day.weekday != .sunday && !FrenchHolidays.contains(day, in: region)
    }
}
