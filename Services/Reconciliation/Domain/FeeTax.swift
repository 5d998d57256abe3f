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
