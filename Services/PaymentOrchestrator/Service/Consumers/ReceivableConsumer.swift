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
                .on(PaymentOnAccountRecordedV1.self, onRecorded),
            ])
    }

    @Sendable private func onIssued(_ event: InvoiceIssuedV1, _ envelope: EventEnvelope, _ change: inout Change) throws
    {
        try ReceivableTable.save(event.invoiceID, of: event.clientID, due: event.total, envelope, in: &change)
    }

    @Sendable private func onPartPaid(_ event: InvoicePartPaidV1, _ envelope: EventEnvelope, _ change: inout Change)
        throws
    {
        try ReceivableTable.save(event.invoiceID, of: event.clientID, due: event.due, envelope, in: &change)
        try count(event.paymentID, envelope, &change)
    }

    @Sendable private func onPaid(_ event: InvoicePaidV1, _ envelope: EventEnvelope, _ change: inout Change) throws {
        let nothing = Money.zero(event.total.currency)
        try ReceivableTable.save(event.invoiceID, of: event.clientID, due: nothing, envelope, in: &change)
        try count(event.paymentID, envelope, &change)
        try callOff(event.invoiceID, in: &change)
    }

    @Sendable private func onCreditNote(_ event: CreditNoteIssuedV1, _ envelope: EventEnvelope, _ change: inout Change)
        throws
    {
        if let due = event.due {
            try ReceivableTable.save(event.invoiceID, of: event.clientID, due: due, envelope, in: &change)
        } else {
            // From a time when invoicing did not say what is left.
            try ReceivableTable.reduce(event.invoiceID, by: event.total, in: &change)
        }
        let left = try ReceivableTable.lock(event.invoiceID, of: envelope.organisation, in: &change)
        if left?.due.isPositive == false { try callOff(event.invoiceID, in: &change) }
    }

    /// Money that went to other invoices, or to none, will not lower what is due on its own.
    ///
    /// Where it did go to its own, that invoice's event counts it together with the new amount.
    @Sendable private func onRecorded(
        _ event: PaymentOnAccountRecordedV1, _ envelope: EventEnvelope, _ change: inout Change
    ) throws {
        guard let payment = event.paymentID else { return }
        try ReceivableTable.lock(ofPayment: payment, in: &change)
        try PaymentTable.count(
            payment, of: envelope.organisation, unlessFor: event.allocations.map(\.invoiceID), in: &change)
    }

    private func count(_ payment: PaymentID?, _ envelope: EventEnvelope, _ change: inout Change) throws {
        guard let payment else { return }
        try PaymentTable.count(payment, of: envelope.organisation, in: &change)
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
