package import PaymentModel

/// What a provider owes us for one payment, from the events of the payment (REC-1, REC-6).
package struct ExpectedSettlement: Hashable, Sendable {
    package let payment: PaymentID
    package let amount: Money
    package let refunded: Money
    package let fee: Money
    package let feeVAT: Money

    package init(payment: PaymentID, amount: Money, refunded: Money, fee: Money, feeVAT: Money) {
        self.payment = payment
        self.amount = amount
        self.refunded = refunded
        self.fee = fee
        self.feeVAT = feeVAT
    }

    /// What should arrive at the bank in the end.
    package func net() throws(MoneyError) -> Money {
        try amount.subtracting(refunded).subtracting(fee).subtracting(feeVAT)
    }

    /// What is wrong with the provider's line about this payment, when something is.
    package func discrepancy(with line: SettlementLine) throws(MoneyError) -> DiscrepancyKind? {
        switch line.kind {
        case .payment:
            if line.gross != amount { return .amount }
            return line.fee == (try fee.adding(feeVAT)) ? nil : .fee
        case .refund:
            return try refunded.isLess(than: line.gross.negated()) ? .amount : nil
        case .adjustment:
            return nil
        }
    }
}
