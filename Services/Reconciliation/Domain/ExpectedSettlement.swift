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

    /// Whether the bank should have it by now; what was given back whole is never late (REC-6).
    package func isLate(expectedOn: LocalDate, on today: LocalDate) throws(MoneyError) -> Bool {
        guard expectedOn < today else { return false }
        return try net().isPositive
    }

    /// What is wrong with the provider's lines about this payment, by the reference of the line.
    ///
    /// All lines of a payment are looked at together and in the order of their references, so the answer does not
    /// depend on which report came first.
    package func discrepancies(with lines: [SettlementLine]) throws(MoneyError) -> [String: DiscrepancyKind] {
        var found: [String: DiscrepancyKind] = [:]
        var isSettled = false
        var (givenBack, disputed) = (Money.zero(amount.currency), Money.zero(amount.currency))
        for line in lines.sorted(by: { $0.reference < $1.reference }) {
            switch line.kind {
            case .payment:
                found[line.reference] = try isSettled ? .duplicate : difference(to: line)
                isSettled = true
            case .refund:
                guard line.gross.currency == amount.currency else {
                    found[line.reference] = .amount
                    continue
                }
                givenBack = try givenBack.subtracting(line.gross)
                if try refunded.isLess(than: givenBack) { found[line.reference] = .amount }
            case .dispute:
                guard line.gross.currency == amount.currency else {
                    found[line.reference] = .amount
                    continue
                }
                disputed = try disputed.adding(line.gross)
            case .fee, .adjustment, .carried: break
            }
        }
        // Won, the money is back and nobody has to do anything.
        guard !disputed.isZero else { return found }
        for line in lines where line.kind == .dispute { found[line.reference] = found[line.reference] ?? .dispute }
        return found
    }

    private func difference(to line: SettlementLine) throws(MoneyError) -> DiscrepancyKind? {
        if line.gross != amount { return .amount }
        return line.fee == (try fee.adding(feeVAT)) ? nil : .fee
    }
}
