package import PaymentModel

/// One line of a provider's settlement report: what it did with one payment, in one payout.
package struct SettlementLine: Hashable, Sendable {
    /// What the provider says the line is.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case payment, refund
        /// The client's bank took a payment back, or had to give it back.
        case dispute
        /// What the provider charged by itself, for no payment.
        case fee
        /// Something that no payment explains.
        case adjustment
        /// Money that stays with the provider until another payout, or has stayed there until this one.
        case carried
    }

    package let kind: Kind
    /// The provider's own reference of the line, the key that makes a second import harmless.
    package let reference: String
    /// The provider's reference of the payment, or our own id of it, when the line is about one.
    package let paymentReference: String?
    package let payoutReference: String
    /// Signed as the provider owes it to us: a payment is positive, a refund negative.
    package let gross: Money
    /// What the provider keeps of it, with VAT.
    package let fee: Money
    /// How much of the fee is VAT, where the provider says so.
    package let feeVAT: Money?

    package init(
        kind: Kind, reference: String, paymentReference: String?, payoutReference: String, gross: Money, fee: Money,
        feeVAT: Money? = nil
    ) {
        self.kind = kind
        self.reference = reference
        self.paymentReference = paymentReference
        self.payoutReference = payoutReference
        self.gross = gross
        self.fee = fee
        self.feeVAT = feeVAT
    }

    /// Whether a later report says the same of it; one may say more of whose it is than the other.
    ///
    /// An earlier version took for an adjustment what is a waived fee, or money that stays with the provider.
    package func saysTheSame(as later: SettlementLine) -> Bool {
        if kind == .adjustment, later.kind == .fee || later.kind == .carried {
            return reference == later.reference && (try? net()) == (try? later.net())
        }
        return (kind, reference, gross, fee) == (later.kind, later.reference, later.gross, later.fee)
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
