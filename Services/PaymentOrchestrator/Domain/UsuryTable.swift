package import PaymentModel

/// What a credit may cost a year at most, as the central bank publishes it each quarter: data, with its dates.
package struct UsuryTable: Hashable, Sendable {
    /// The ceilings from one day on, until a later period begins.
    package struct Period: Hashable, Sendable {
        /// The first day.
        package let from: LocalDate
        /// By size, smallest first; the last one has no end.
        package let ceilings: [Ceiling]

        /// One period.
        package init(from: LocalDate, ceilings: [Ceiling]) {
            self.from = from
            self.ceilings = ceilings
        }
    }

    /// The ceiling for credits up to an amount.
    package struct Ceiling: Hashable, Sendable {
        /// Minor units; `nil` for all larger ones.
        package let upTo: Int64?
        /// A year.
        package let rate: BasisPoints

        /// One ceiling.
        package init(upTo: Int64?, rate: BasisPoints) {
            self.upTo = upTo
            self.rate = rate
        }
    }

    private let periods: [Period]

    /// A table of periods, in any order.
    package init(_ periods: [Period]) { self.periods = periods.sorted { $0.from < $1.from } }

    /// The ceiling for an amount on a day; `nil` before the first period.
    package func ceiling(for amount: Money, on day: LocalDate) -> BasisPoints? {
        let period = periods.last { $0.from <= day }
        return period?.ceilings.first { $0.upTo.map { amount.minorUnits <= $0 } ?? true }?.rate
    }

    /// Whether another quarter has begun since the table's newest: its ceilings were published and are not here.
    package func isOutdated(on day: LocalDate) -> Bool {
        periods.last.map { $0.from.adding(months: 3) <= day } ?? true
    }

    /// The largest fee the client may be asked for beside a schedule that is agreed on `day`; `nil` without a ceiling.
    ///
    /// The fee falls on the first instalment, as providers have it.
    package func feeMax(beside schedule: [ScheduledInstalment], on day: LocalDate) -> Money? {
        guard let first = schedule.first,
            let amount = try? Money.sum(schedule.map(\.amount), in: first.amount.currency),
            let rate = ceiling(for: amount, on: day)
        else { return nil }
        let discount = DailyDiscount(rate)
        let interest = schedule.reduce(Int128(0)) { sum, instalment in
            sum + Int128(instalment.amount.minorUnits)
                * discount.lost(in: instalment.dueOn.daysSince1970 - day.daysSince1970)
        }
        let fee = interest / discount.kept(in: first.dueOn.daysSince1970 - day.daysSince1970)
        return Money(Int64(clamping: max(0, fee)), first.amount.currency)
    }
}

/// What a cent that is due later is worth today at a yearly rate; whole numbers only, since it decides about money.
private struct DailyDiscount {
    private static let one: Int128 = 1_000_000_000_000_000
    private static let daysOfYear = 365

    /// The worth of one a day later, in parts of `one`; rounded up, so that the fee allowed is rather too small.
    private let day: Int128

    init(_ rate: BasisPoints) {
        // The smallest factor that, over a year, makes up for the rate.
        var (low, high) = (Int128(0), DailyDiscount.one)
        while low < high {
            let middle = (low + high) / 2
            let year = DailyDiscount.power(middle, DailyDiscount.daysOfYear)
            if year * Int128(10_000 + rate.value) >= DailyDiscount.one * 10_000 {
                high = middle
            } else {
                low = middle + 1
            }
        }
        day = high
    }

    /// The worth of one in so many days.
    func kept(in days: Int) -> Int128 { DailyDiscount.power(day, max(0, days)) }

    /// What it loses by then.
    func lost(in days: Int) -> Int128 { DailyDiscount.one - kept(in: days) }

    private static func power(_ base: Int128, _ exponent: Int) -> Int128 {
        var (result, square, rest) = (one, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = result * square / one }
            square = square * square / one
            rest >>= 1
        }
        return result
    }
}
