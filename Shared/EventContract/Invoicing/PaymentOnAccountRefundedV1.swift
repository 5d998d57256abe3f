package import PaymentModel

/// A refund gave back money that had paid what is owed without an invoice; that much is no longer owed.
///
/// What it gave back of invoices is told by their credit notes, and of credit by nothing but the refund itself.
package struct PaymentOnAccountRefundedV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-refunded", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose money it was.
    package let clientID: ClientID
    /// The refund that gave it back.
    package let refundID: RefundID
    /// Day on which it went back.
    package let refundedOn: LocalDate
    /// What was taken back from debts that are on no invoice.
    package let receivables: [PaymentOnAccountRecordedV1.ReceivablePart]

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, refundID: RefundID, refundedOn: LocalDate,
        receivables: [PaymentOnAccountRecordedV1.ReceivablePart]
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.refundID = refundID
        self.refundedOn = refundedOn
        self.receivables = receivables
    }
}
