package import PaymentModel

/// How much of an invoice a credit note takes off.
package enum CreditWish: Hashable, Sendable {
    /// All that is due or paid.
    case everything
    /// Spread over all rates, VAT included.
    case amount(Money)
    /// Of single rates, as when goods of one rate come back.
    case rates([RateCredit])
}

/// What is credited of one VAT rate, VAT included.
package struct RateCredit: Hashable, Sendable {
    package let rate: BasisPoints
    package let amount: Money

    package init(rate: BasisPoints, amount: Money) {
        self.rate = rate
        self.amount = amount
    }
}

/// Why single rates of an invoice are not credited so; `place` is that in the list.
package enum RateCreditRejection: Error, Hashable, Sendable {
    case notBilled(place: Int)
    case namedTwice(place: Int)
    case notPositive(place: Int)
    case otherCurrency(Currency, place: Int)
    case moreThan(Money, asked: Money, place: Int)
    /// Together they are more than what is due or paid of the invoice; the rest was written off.
    case moreThanOwed(Money, asked: Money)
}

extension Invoice {
    /// What is credited of single rates; `earlier` is what all credit notes before gave back of each rate, `rest` what
    /// this one gives it back to.
    package func part(
        of rates: [RateCredit], without earlier: [VATShare], backTo rest: [VATShare]
    ) throws -> VATBreakdown {
        guard number != nil else { throw InvoiceRejection.notIssued }
        let open = try vat.shares.less(earlier)
        var parts: [BasisPoints: VATShare] = [:]
        for (place, wish) in rates.enumerated() {
            let (rate, amount) = (wish.rate, wish.amount)
            guard let left = open.first(where: { $0.rate == rate }) else {
                throw RateCreditRejection.notBilled(place: place)
            }
            guard parts[rate] == nil else { throw RateCreditRejection.namedTwice(place: place) }
            guard amount.currency == currency else {
                throw RateCreditRejection.otherCurrency(amount.currency, place: place)
            }
            guard amount.isPositive else { throw RateCreditRejection.notPositive(place: place) }
            let limit = try left.base.adding(left.vat)
            guard amount.minorUnits <= limit.minorUnits else {
                throw RateCreditRejection.moreThan(limit, asked: amount, place: place)
            }
            parts[rate] = left.part(of: amount, backTo: rest.first { $0.rate == rate })
        }
        let part = try VATBreakdown(vat.shares.compactMap { parts[$0.rate] }, in: currency)
        let owed = Money(due.minorUnits + paid.minorUnits, currency)
        guard part.total.minorUnits <= owed.minorUnits else {
            throw RateCreditRejection.moreThanOwed(owed, asked: part.total)
        }
        return part
    }
}
