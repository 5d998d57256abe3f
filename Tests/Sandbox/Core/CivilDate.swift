/// A day of the Gregorian calendar, computed apart from the system under test so that neither hides the other's
/// mistake.
struct CivilDate: Sendable, Hashable, Comparable {
    let daysSince1970: Int64

    init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

    init(unixSeconds: Int64) {
        daysSince1970 = unixSeconds >= 0 ? unixSeconds / 86_400 : (unixSeconds - 86_399) / 86_400
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
            (1...12).contains(month), (1...Self.daysIn(month: month, of: year)).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Counts days by 400-year eras that start on 1 March, so that the leap day is the last of a year.
    init(year: Int64, month: Int64, day: Int64) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let monthIndex = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthIndex + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
    }

    static func < (left: Self, right: Self) -> Bool { left.daysSince1970 < right.daysSince1970 }

    static func daysIn(month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    var parts: (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    func adding(days: Int64) -> CivilDate { CivilDate(daysSince1970: daysSince1970 + days) }

    /// The same day of a later month, or that month's last day where it is shorter.
    func adding(months: Int64) -> CivilDate {
        let (year, month, day) = parts
        let index = year * 12 + month - 1 + months
        let target = (year: index / 12, month: index % 12 + 1)
        let last = Self.daysIn(month: target.month, of: target.year)
        return CivilDate(year: target.year, month: target.month, day: min(day, last))
    }

    /// ISO 8601, "2026-11-21".
    var text: String {
        let (year, month, day) = parts
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// Midnight in UTC.
    var unixSeconds: Int64 { daysSince1970 * 86_400 }
}

/// A number with leading zeros.
func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// "2026-11-21T22:50:23", the form without zone that XML and gateways use.
func dateTimeText(unixSeconds: Int64) -> String {
    let date = CivilDate(unixSeconds: unixSeconds)
    let seconds = unixSeconds - date.unixSeconds
    return "\(date.text)T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
}
