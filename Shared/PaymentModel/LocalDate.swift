/// A day of the calendar, meant in somebody's local time.
///
/// Years run from 1 to 9999; arithmetic that would leave them stops at the end of the calendar instead of trapping.
package struct LocalDate: Hashable, Comparable, TextCoded {
    package let year: Int
    package let month: Int
    package let day: Int

    package static let earliest = LocalDate(checkedYear: 1, 1, 1)
    package static let latest = LocalDate(checkedYear: 9999, 12, 31)

    /// Nil when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...LocalDate.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        self.init(checkedYear: year, month, day)
    }

    /// Nil when the day is outside the calendar.
    package init?(daysSince1970 days: Int) {
        guard (LocalDate.earliest.daysSince1970...LocalDate.latest.daysSince1970).contains(days) else { return nil }
        self = LocalDate.civil(days)
    }

    private init(checkedYear year: Int, _ month: Int, _ day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    package static func < (left: LocalDate, right: LocalDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    package static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

// MARK: Text

extension LocalDate {
    package var description: String {
        paddedDecimal(year, 4) + "-" + paddedDecimal(month, 2) + "-" + paddedDecimal(day, 2)
    }

    package init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2), reader.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

// MARK: Arithmetic

extension LocalDate {
    package var weekday: Weekday {
        // 1970-01-01 was a Thursday; the index is always 1...7.
        let index = ((daysSince1970 + 3) % 7 + 7) % 7 + 1
        return Weekday(rawValue: index) ?? .monday
    }

    package func adding(days: Int) -> LocalDate {
        let (sum, overflow) = daysSince1970.addingReportingOverflow(days)
        guard !overflow, let date = LocalDate(daysSince1970: sum) else { return days < 0 ? .earliest : .latest }
        return date
    }

    /// The same day of another month, or that month's last day when it is shorter.
    package func adding(months: Int) -> LocalDate {
        let (sum, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        let year = sum >= 0 ? sum / 12 : 0
        guard !overflow, (1...9999).contains(year) else { return months < 0 ? .earliest : .latest }
        let month = sum % 12 + 1
        return LocalDate(checkedYear: year, month, min(day, LocalDate.days(inMonth: month, of: year)))
    }

    /// Days since 1970-01-01, negative before.
    package var daysSince1970: Int {
        // Years are counted from March so that the leap day is their last: then month lengths follow one formula.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `daysSince1970`, for days the caller has checked.
    private static func civil(_ days: Int) -> LocalDate {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return LocalDate(checkedYear: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}
