package import PaymentModel

/// One line of a provider's settlement report: what it did with one payment, in one payout.
package struct SettlementLine: Hashable, Sendable {
    /// What the provider says the line is.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case payment, refund, adjustment
    }

    package let kind: Kind
    /// The provider's own reference of the line, the key that makes a second import harmless.
    package let reference: String
    /// The provider's reference of the payment, when the line is about one.
    package let paymentReference: String?
    package let payoutReference: String
    /// Signed as the provider owes it to us: a payment is positive, a refund negative.
    package let gross: Money
    /// What the provider keeps of it, with VAT.
    package let fee: Money

    package init(
        kind: Kind, reference: String, paymentReference: String?, payoutReference: String, gross: Money, fee: Money
    ) {
        self.kind = kind
        self.reference = reference
        self.paymentReference = paymentReference
        self.payoutReference = payoutReference
        self.gross = gross
        self.fee = fee
    }

    package func net() throws(MoneyError) -> Money { try gross.subtracting(fee) }
}

/// Why a payout is the sum it is, to the cent (C-26).
package struct PayoutExplanation: Hashable, Sendable {
    package let amount: Money
    package let lines: [SettlementLine]
    package let explained: Money
    /// Zero, or an amount with the name `unexplained`.
    package let remainder: Money

    package init(of amount: Money, by lines: [SettlementLine]) throws(MoneyError) {
        var nets: [Money] = []
        for line in lines { nets.append(try line.net()) }
        self.amount = amount
        self.lines = lines
        explained = try Money.sum(nets, in: amount.currency)
        remainder = try amount.subtracting(explained)
    }
}
