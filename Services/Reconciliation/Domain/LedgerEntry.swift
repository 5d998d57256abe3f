package import PaymentModel

/// One side of an entry; a positive amount is a debit, a negative one a credit.
package struct LedgerLine: Hashable, Sendable {
    package let account: Account
    package let amount: Money
    /// Of a line on the bank (512): its account there, by IBAN, as the statement has it.
    package let bank: String?

    package init(account: Account, amount: Money, bank: String? = nil) {
        self.account = account
        self.amount = amount
        self.bank = bank
    }

    package static func debit(_ account: Account, _ amount: Money, at bank: String? = nil) -> LedgerLine {
        LedgerLine(account: account, amount: amount, bank: bank)
    }

    package static func credit(_ account: Account, _ amount: Money) throws(MoneyError) -> LedgerLine {
        LedgerLine(account: account, amount: try amount.negated())
    }
}

/// A balanced double entry; one that does not balance cannot be made (REC-8).
package struct LedgerEntry: Hashable, Sendable {
    /// What an entry books; with its subject it is booked once.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case payment, fee, refund, refundFee = "refund-fee", adjustment, payout
        case refundReturned = "refund-returned", adjustmentUndone = "adjustment-undone"
        case heldCounted = "held-counted"
        case disputeOpened = "dispute-opened", disputeClosed = "dispute-closed"
        case feeCorrection = "fee-correction", payoutUndone = "payout-undone"
        case collection, collectionReversed = "collection-reversed", tillDifference = "till-difference"
        case discrepancyClosed = "discrepancy-closed"
        case suspenseCleared = "suspense-cleared", suspenseClearedUndone = "suspense-cleared-undone"
        case remittance, remittanceUndone = "remittance-undone", deposit, depositUndone = "deposit-undone"
    }

    package enum Rejection: Error, Hashable, Sendable {
        case unbalanced(by: Money)
        case money(MoneyError)
    }

    package let kind: Kind
    package let on: LocalDate
    package let lines: [LedgerLine]

    /// Lines of nothing are left out.
    package init(
        _ kind: Kind, on: LocalDate, in currency: Currency, _ lines: [LedgerLine]
    ) throws(Rejection) {
        let difference: Money
        do {
            difference = try Money.sum(lines.map(\.amount), in: currency)
        } catch {
            throw .money(error)
        }
        guard difference.isZero else { throw .unbalanced(by: difference) }
        self.kind = kind
        self.on = on
        self.lines = lines.filter { !$0.amount.isZero }
    }

    /// What the clinic owes by it for a fee from abroad itself.
    package func selfAssessed(in currency: Currency) throws(MoneyError) -> Money {
        try Money.sum(lines.filter { $0.account == .selfAssessedVAT }.map(\.amount), in: currency).negated()
    }
}
