import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A payment was asked for: by SMS its link leaves before everything else that waits.
///
/// A link to share is mailed with its invoice where the organisation mails invoices (INV-5).
struct OnPaymentRequested {
    let request: RequestMessage
    let tell: TellOfInvoice
    let callOff = CallOffMessages()
    let asked = AskedPaymentStore()

    var subscription: Subscription {
        .on(PaymentRequestedV1.self) { event, envelope, change in
            // Whatever brings its link, somebody may want its client reminded.
            request.awaitTurn(of: event.clientID, in: &change)
            asked.remember(
                AskedPayment(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    expiresAt: event.expiresAt), in: &change)
            switch event.channel {
            case .sms: try sendLink(event, envelope, in: &change)
            case .link: try mailInvoice(event, envelope, in: &change)
            case .browser: break
            }
        }
    }

    private func sendLink(_ event: PaymentRequestedV1, _ envelope: EventEnvelope, in change: inout Change) throws {
        try request.run(
            MessageRequest(
                occasion: .paymentLink, channel: .sms, lane: .urgent,
                dedupKey: "payment-link/\(event.paymentID)", matter: .payment(event.paymentID),
                client: event.clientID,
                clinic: envelope.clinic, facts: try MessageFacts(amount: event.amount).text(),
                expiresAt: event.expiresAt),
            in: &change)
    }

    /// One that still waits would leave with the same link: it gives way.
    private func mailInvoice(_ event: PaymentRequestedV1, _ envelope: EventEnvelope, in change: inout Change) throws {
        guard let invoice = event.invoiceID else { return }
        try callOff.run(about: .invoice(invoice), .invoiceLink, in: &change)
        var facts = MessageFacts(amount: event.amount)
        facts.payment = event.paymentID
        try tell.run(
            TellOfInvoice.News(
                occasion: .invoiceLink, matter: .invoice(invoice), client: event.clientID,
                key: "\(invoice)/\(event.paymentID)", facts: facts),
            told: envelope, in: &change)
    }
}
