package import PaymentModel

/// How the VAT on a provider's fees is owed (REC-8).
package struct FeeTax: Hashable, Sendable {
    package enum Treatment: String, Hashable, Sendable, CaseIterable {
        /// By the provider, on its own invoice.
        case charged
        /// By the clinic itself, which deducts it at once, since the provider is abroad (autoliquidation).
        case reverseCharge = "reverse-charge"
        /// By nobody.
        case exempt
    }

    package let treatment: Treatment
    /// Of the clinic's own VAT, for the reverse charge.
    package let rate: BasisPoints

    package init(_ treatment: Treatment, rate: BasisPoints) {
        self.treatment = treatment
        self.rate = rate
    }

    /// Until the organisation says otherwise: Alma is French, Stripe invoices from Ireland, PayPal from Luxembourg.
    package static func usual(of provider: Provider) -> FeeTax {
        switch provider {
        case .alma: FeeTax(.charged, rate: BasisPoints(2_000))
        case .stripe, .paypal: FeeTax(.reverseCharge, rate: BasisPoints(2_000))
        }
    }

    /// What the clinic owes for a fee itself; nothing where the provider has charged VAT on it.
    package func owed(on fee: Money, vat: Money) throws(MoneyError) -> Money {
        guard treatment == .reverseCharge, vat.isZero else { return .zero(fee.currency) }
        return try fee.share(rate)
    }
}

/// What an organisation said of the VAT on fees, and from which days on.
package struct FeeTaxes: Hashable, Sendable {
    /// One thing it said.
    package struct Word: Hashable, Sendable {
        package let provider: Provider
        /// Of entries of that day and later; nil for those of any day.
        package let from: LocalDate?
        package let tax: FeeTax

        package init(_ provider: Provider, from: LocalDate?, _ tax: FeeTax) {
            self.provider = provider
            self.from = from
            self.tax = tax
        }

        fileprivate func holds(on day: LocalDate) -> Bool { from.map { $0 <= day } ?? true }
    }

    /// The last word first.
    private let said: [Word]

    package init(_ said: [Word]) { self.said = said }

    /// Of an entry of a day, whenever it is told: the last word that holds on it.
    package func tax(of provider: Provider, on day: LocalDate) -> FeeTax {
        said.first { $0.provider == provider && $0.holds(on: day) }?.tax ?? .usual(of: provider)
    }

    /// What holds of a provider, in the order of days; the first word is of any day.
    package func words(of provider: Provider) -> [Word] {
        var words: [Word] = []
        for word in said where word.provider == provider {
            if let first = words.last?.from, let from = word.from, from >= first { continue }
            words.append(word)
            if word.from == nil { return words.reversed() }
        }
        return [Word(provider, from: nil, .usual(of: provider))] + words.reversed()
    }
}
