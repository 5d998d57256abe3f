import EventContract
import PaymentModel
import TransactionalMessaging

/// Counts what was received for which invoice, so that payments can be reported by day and rate of VAT (REC-8).
struct CountVATReceipts {
    let clinics: ClinicStore
    let receipts: VATReceiptStore
    let held: CountHeld

    /// What of some money went where.
    struct Parts: Sendable {
        let allocations: [PaymentOnAccountRecordedV1.Allocation]
        let receivables: [PaymentOnAccountRecordedV1.ReceivablePart]
    }

    func run(_ parts: Parts, _ received: VATReceiptStore.Received, in change: inout Change) throws {
        for part in parts.allocations {
            try receipts.add(part.amount, for: part.invoiceID, received, in: &change)
        }
        for part in parts.receivables { try receipts.add(part.amount, for: nil, received, in: &change) }
        try held.run(of: received.payment, in: &change)
    }

    func takeBack(_ parts: Parts, _ received: VATReceiptStore.Received, in change: inout Change) throws {
        for part in parts.allocations {
            try receipts.add(part.amount.negated(), for: part.invoiceID, received, in: &change)
        }
        for part in parts.receivables { try receipts.add(part.amount.negated(), for: nil, received, in: &change) }
        try held.run(of: received.payment, in: &change)
    }

    /// What money was counted for has lost a part of it to a credit note, a refund or a dispute.
    func takeOff(_ parts: Parts, of money: PaymentOnAccountID, on day: LocalDate, in change: inout Change) throws {
        for part in parts.allocations {
            receipts.take(part.amount, of: money, from: part.invoiceID, on: day, in: &change)
        }
        for part in parts.receivables { receipts.take(part.amount, of: money, from: nil, on: day, in: &change) }
        try held.run(of: money, in: &change)
    }
}
