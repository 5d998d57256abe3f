import PaymentModel
import Testing

@Suite struct `Easter Sunday` {
    /// Ten years from each, as month and day.
    private static let known: [(first: Int, days: [Int])] = [
        (1900, [415, 407, 330, 412, 403, 423, 415, 331, 419, 411]),
        (1910, [327, 416, 407, 323, 412, 404, 423, 408, 331, 420]),
        (1920, [404, 327, 416, 401, 420, 412, 404, 417, 408, 331]),
        (1930, [420, 405, 327, 416, 401, 421, 412, 328, 417, 409]),
        (1940, [324, 413, 405, 425, 409, 401, 421, 406, 328, 417]),
        (1950, [409, 325, 413, 405, 418, 410, 401, 421, 406, 329]),
        (1960, [417, 402, 422, 414, 329, 418, 410, 326, 414, 406]),
        (1970, [329, 411, 402, 422, 414, 330, 418, 410, 326, 415]),
        (1980, [406, 419, 411, 403, 422, 407, 330, 419, 403, 326]),
        (1990, [415, 331, 419, 411, 403, 416, 407, 330, 412, 404]),
        (2000, [423, 415, 331, 420, 411, 327, 416, 408, 323, 412]),
        (2010, [404, 424, 408, 331, 420, 405, 327, 416, 401, 421]),
        (2020, [412, 404, 417, 409, 331, 420, 405, 328, 416, 401]),
        (2030, [421, 413, 328, 417, 409, 325, 413, 405, 425, 410]),
        (2040, [401, 421, 406, 329, 417, 409, 325, 414, 405, 418]),
        (2050, [410, 402, 421, 406, 329, 418, 402, 422, 414, 330]),
        (2060, [418, 410, 326, 415, 406, 329, 411, 403, 422, 414]),
        (2070, [330, 419, 410, 326, 415, 407, 419, 411, 403, 423]),
        (2080, [407, 330, 419, 404, 326, 415, 331, 420, 411, 403]),
        (2090, [416, 408, 330, 412, 404, 424, 415, 331, 420, 412]),
    ]

    @Test func `REC-6, NOT-9: is the day it is known to be, in every year of two centuries`() {
        #expect(Self.known.map(\.first) == Array(stride(from: 1900, to: 2100, by: 10)))
        for (first, days) in Self.known {
            let found = (first..<first + 10).map { LocalDate.easter(of: $0) }
            #expect(found.map { $0.month * 100 + $0.day } == days, "the ten years from \(first)")
            #expect(found.map(\.year) == Array(first..<first + 10))
        }
    }

    @Test func `REC-6, NOT-9: is a Sunday between 22 March and 25 April in every year of the calendar`() {
        let outside = (1583...9999).filter { year in
            let day = LocalDate.easter(of: year)
            return day.weekday != .sunday || day.year != year || !(322...425).contains(day.month * 100 + day.day)
        }
        #expect(outside == [])
        // Both ends are reached.
        #expect(LocalDate.easter(of: 2285) == LocalDate("2285-03-22"))
        #expect(LocalDate.easter(of: 2038) == LocalDate("2038-04-25"))
    }
}
