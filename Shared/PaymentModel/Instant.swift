/// A point in time, to the microsecond, without a zone.
///
/// Its text is RFC 3339 in UTC with six digits of fraction, so texts sort as instants do (years 1 to 9999).
/// Arithmetic that would leave the range of 64 bits stops at its end instead of trapping.
package struct Instant: Hashable, Comparable, TextCoded {
    package let microsecondsSince1970: Int64

    package init(microsecondsSince1970: Int64) { self.microsecondsSince1970 = microsecondsSince1970 }

    /// For providers that count whole seconds; far beyond the calendar it stops at the end of the range.
    package init(secondsSince1970: Int64) {
        self.init(widened: Int128(secondsSince1970) * 1_000_000)
    }

    package var secondsSince1970: Int64 { split.seconds }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }

    package func adding(_ duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let added = Int128(seconds) * 1_000_000 + Int128(attoseconds / 1_000_000_000_000)
        return Instant(widened: Int128(microsecondsSince1970) + added)
    }

    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(Int128(left.microsecondsSince1970) - Int128(right.microsecondsSince1970))
    }

    /// The calendar day it is in UTC.
    package var utcDate: LocalDate {
        let days = Int(split.seconds.flooredDivision(by: 86_400).quotient)
        return LocalDate.earliest.adding(days: days - LocalDate.earliest.daysSince1970)
    }

    private init(widened value: Int128) {
        self.init(microsecondsSince1970: Int64(clamping: value))
    }

    private var split: (seconds: Int64, microseconds: Int64) {
        let (quotient, remainder) = microsecondsSince1970.flooredDivision(by: 1_000_000)
        return (quotient, remainder)
    }
}

// MARK: Text

extension Instant {
    package var description: String {
        let secondOfDay = Int(split.seconds.flooredDivision(by: 86_400).remainder)
        let time = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { paddedDecimal($0, 2) }
        return "\(utcDate)T\(time.joined(separator: ":")).\(paddedDecimal(Int(split.microseconds), 6))Z"
    }

    /// Reads RFC 3339 with any offset; digits beyond the microsecond are cut off.
    package init?(_ text: String) {
        var reader = DigitReader(text)
        guard let date = reader.date(), reader.skip("Tt "), let seconds = reader.secondsOfDay() else { return nil }
        var fraction = 0
        if reader.skip(".") {
            guard let microseconds = reader.microseconds() else { return nil }
            fraction = microseconds
        }
        guard let offset = reader.offsetSeconds(), reader.isAtEnd else { return nil }
        let total = date.daysSince1970 * 86_400 + seconds - offset
        self.init(microsecondsSince1970: Int64(total) * 1_000_000 + Int64(fraction))
    }
}

extension DigitReader {
    fileprivate mutating func date() -> LocalDate? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2)
        else { return nil }
        return LocalDate(year: year, month: month, day: day)
    }

    /// A leap second counts as the first one of the next minute.
    fileprivate mutating func secondsOfDay() -> Int? {
        guard let hour = number(digits: 2), skip(":"), let minute = number(digits: 2), skip(":"),
            let second = number(digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    fileprivate mutating func offsetSeconds() -> Int? {
        if skip("Zz") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    /// Rounds down, so that instants before 1970 fall into the right second and day.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
