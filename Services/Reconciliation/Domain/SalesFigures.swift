package import PaymentModel

/// How a payment ended, as statistics count it; of two words about one payment the later in this list holds (REC-9).
package enum SaleOutcome: String, Hashable, Sendable, CaseIterable {
    case expired, cancelled, refused, accepted
}

/// What payments come to in one currency: sums that can be added, and what follows from them (REC-9).
package struct SalesFigures: Hashable, Sendable {
    package private(set) var counts: [SaleOutcome: Int]
    /// How many of the accepted are paid in several parts.
    package private(set) var inInstalments: Int
    /// Of the accepted, like the fees; without VAT.
    package private(set) var amount: Money
    package private(set) var fee: Money
    package private(set) var feeVAT: Money

    package init(counts: [SaleOutcome: Int], inInstalments: Int, amount: Money, fee: Money, feeVAT: Money) {
        self.counts = counts.filter { $0.value != 0 }
        self.inInstalments = inInstalments
        self.amount = amount
        self.fee = fee
        self.feeVAT = feeVAT
    }

    /// Nothing was sold.
    package init(in currency: Currency) {
        self.init(
            counts: [:], inInstalments: 0, amount: .zero(currency), fee: .zero(currency), feeVAT: .zero(currency))
    }

    package func count(_ outcome: SaleOutcome) -> Int { counts[outcome] ?? 0 }

    package mutating func add(_ other: SalesFigures) throws(MoneyError) {
        amount = try amount.adding(other.amount)
        fee = try fee.adding(other.fee)
        feeVAT = try feeVAT.adding(other.feeVAT)
        counts.merge(other.counts, uniquingKeysWith: +)
        inInstalments += other.inInstalments
    }

    /// What an accepted payment comes to on average, rounded half up; nothing where none was accepted.
    package var averageBasket: Money? {
        let accepted = Int64(count(.accepted))
        guard accepted > 0 else { return nil }
        let (whole, rest) = amount.minorUnits.quotientAndRemainder(dividingBy: accepted)
        return Money(whole + (rest >= accepted - rest ? 1 : 0), amount.currency)
    }

    /// How many of the accepted are paid in several parts, rounded half up; nothing where none was accepted.
    package var instalmentShare: BasisPoints? {
        let accepted = count(.accepted)
        guard accepted > 0 else { return nil }
        return BasisPoints((inInstalments * 20_000 + accepted) / (2 * accepted))
    }
}
