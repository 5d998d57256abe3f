package import PaymentModel

/// What a till took by one method, from the facts.
package struct TillSum: Hashable, Sendable {
    /// The organisation's code of the method, and what it is by nature.
    package struct Method: Hashable, Sendable {
        package let code: String
        package let tender: Tender

        package init(code: String, tender: Tender) {
            self.code = code
            self.tender = tender
        }
    }

    package let method: Method
    /// Less what was taken back.
    package let amount: Money

    package init(method: Method, amount: Money) {
        self.method = method
        self.amount = amount
    }
}

/// What a person counted of one method.
package struct TillCount: Hashable, Sendable {
    package let method: TillSum.Method
    package let counted: Money
    package let difference: Difference?

    package init(method: TillSum.Method, counted: Money, difference: Difference?) {
        self.method = method
        self.counted = counted
        self.difference = difference
    }
}

/// The till of a clinic as it was counted at the end of a day; each taking is counted once (REC-10).
package struct CashUp: Hashable, Sendable {
    /// One method of it.
    package struct Line: Hashable, Sendable {
        package let method: TillSum.Method
        package let expected: Money
        package let counted: Money
        package let difference: Difference?

        /// What was there more (or less) than the facts say.
        package func surplus() throws(MoneyError) -> Money { try counted.subtracting(expected) }
    }

    package enum Rejection: Error, Hashable, Sendable {
        /// The day has not begun.
        case notYet(LocalDate)
        case notCounted(method: String, expected: Money)
        case countedTwice(method: String)
        case difference(DifferenceRejection)
        case money(MoneyError)
    }

    /// In the order of methods.
    package let lines: [Line]

    /// Holds what was counted against what was taken: every method is counted, every difference has its reason.
    package init(
        of sums: [TillSum], counted counts: [TillCount], on day: LocalDate, today: LocalDate
    ) throws(Rejection) {
        guard day <= today else { throw .notYet(day) }
        var expected: [Key: Money] = [:]
        for sum in sums { expected[Key(sum.method, sum.amount.currency)] = sum.amount }
        var lines: [Key: Line] = [:]
        for count in counts {
            let key = Key(count.method, count.counted.currency)
            guard lines[key] == nil else { throw .countedTwice(method: count.method.code) }
            let line = Line(
                method: count.method, expected: expected[key] ?? .zero(key.currency), counted: count.counted,
                difference: count.difference)
            try CashUp.check(line)
            lines[key] = line
        }
        for (key, amount) in expected where lines[key] == nil && !amount.isZero {
            throw .notCounted(method: key.method.code, expected: amount)
        }
        self.lines = lines.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func check(_ line: Line) throws(Rejection) {
        let surplus: Money
        do {
            surplus = try line.surplus()
        } catch {
            throw .money(error)
        }
        do {
            try Difference.check(surplus, of: line.method.code, said: line.difference, withCommissions: false)
        } catch {
            throw .difference(error)
        }
    }

    private struct Key: Hashable, Comparable {
        let method: TillSum.Method
        let currency: Currency

        init(_ method: TillSum.Method, _ currency: Currency) {
            self.method = method
            self.currency = currency
        }

        static func < (left: Key, right: Key) -> Bool {
            (left.method.code, left.method.tender.rawValue, left.currency.code)
                < (right.method.code, right.method.tender.rawValue, right.currency.code)
        }
    }
}
