package import PaymentModel

/// What a provider keeps from the clinic, with the VAT on it apart.
package struct ProviderFee: Hashable, Sendable, Codable {
    /// Without VAT.
    package let net: Money
    /// The VAT on it.
    package let vat: Money

    /// A fee as the provider states it; its own answer rules over any computation of ours.
    package init(net: Money, vat: Money) {
        self.net = net
        self.vat = vat
    }

    /// The fee a rate gives on an amount, rounded half up at each step as the providers' invoices do.
    package init(on amount: Money, rate: BasisPoints, fixed: Money, vatRate: BasisPoints) throws(MoneyError) {
        net = try amount.share(rate).adding(fixed)
        vat = try net.share(vatRate)
    }

    /// What leaves the payout.
    package func gross() throws(MoneyError) -> Money { try net.adding(vat) }
}
