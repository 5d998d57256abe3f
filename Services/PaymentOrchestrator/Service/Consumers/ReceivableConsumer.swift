import EventContract
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Keeps what is owed on invoices, as the invoicing service tells it.
struct ReceivableConsumer: Sendable {
    let store: PaymentStore

    /// Events of one invoice wait for each other: an older amount must not come after a newer one.
    var consumer: Consumer {
        Consumer(
            group: "payments.receivables", topics: [.invoicing], order: .holdKey,
            subscriptions: [
                .on(InvoiceIssuedV1.self, onIssued), .on(InvoicePartPaidV1.self, onPartPaid),
                .on(InvoicePaidV1.self, onPaid), .on(CreditNoteIssuedV1.self, onCreditNote),
            ])
    }

    @Sendable private func onIssued(_ event: InvoiceIssuedV1, _ envelope: EventEnvelope, _ change: inout Change) throws
    {
        let receivable = Receivable(invoice: event.invoiceID, client: event.clientID, due: event.total)
        try ReceivableTable.save(receivable, of: envelope.organisation, clinic: envelope.clinic, in: &change)
    }

    @Sendable private func onPartPaid(_ event: InvoicePartPaidV1, _ envelope: EventEnvelope, _ change: inout Change)
        throws
    {
        let receivable = Receivable(invoice: event.invoiceID, client: event.clientID, due: event.due)
        try ReceivableTable.save(receivable, of: envelope.organisation, clinic: envelope.clinic, in: &change)
    }

    @Sendable private func onPaid(_ event: InvoicePaidV1, _ envelope: EventEnvelope, _ change: inout Change) throws {
        let nothing = Money.zero(event.total.currency)
        let receivable = Receivable(invoice: event.invoiceID, client: event.clientID, due: nothing)
        try ReceivableTable.save(receivable, of: envelope.organisation, clinic: envelope.clinic, in: &change)
        try callOff(event.invoiceID, in: &change)
    }

    @Sendable private func onCreditNote(_ event: CreditNoteIssuedV1, _ envelope: EventEnvelope, _ change: inout Change)
        throws
    {
        try ReceivableTable.reduce(event.invoiceID, by: event.total, in: &change)
        let left = try ReceivableTable.hold(event.invoiceID, of: envelope.organisation, in: &change)
        if left?.isSettled == true { try callOff(event.invoiceID, in: &change) }
    }

    /// Nobody should pay what is no longer owed; the provider is told by whoever asks about the payment next.
    private func callOff(_ invoice: InvoiceID, in change: inout Change) throws {
        let organisation = change.cause.organisation
        guard let payment = try ReceivableTable.livePayment(of: invoice, in: organisation, change: &change) else {
            return
        }
        try store.apply(payment, .outcome, { payment, _ in try payment.cancelIfLive(.receivablePaid) }, in: &change)
    }
}

extension Payment {
    /// Calls off what may still be paid; what ended meanwhile is left as it is.
    fileprivate mutating func cancelIfLive(_ reason: CancelReason) throws(PaymentRejection) -> [PaymentFact] {
        state.isLive ? try cancel(because: reason) : []
    }
}
