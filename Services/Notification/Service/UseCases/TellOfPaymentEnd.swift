import EventContract
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Tells a client that a payment will not be made, where the organisation switched that on (NOT-2).
struct TellOfPaymentEnd {
    let request: RequestMessage
    let time: TimeSource
    let policies = PolicyStore()
    let messages = MessageStore()

    /// What ended, and how.
    struct News: Sendable {
        let occasion: Occasion
        let payment: PaymentID
        let client: ClientID
        let amount: Money
    }

    /// Whether that is still so is asked again when the message is written.
    func run(_ news: News, told envelope: EventEnvelope, in change: inout Change) throws {
        guard envelope.time.adding(request.ageMax) > time.now(),
            let channel = try policies.find(change.cause.organisation, in: &change.transaction).invoices
                .channel(of: news.occasion)
        else { return }
        // Nobody is told that a request is cancelled who never got it from us.
        if news.occasion == .paymentCancelled {
            guard try messages.hasBroughtLink(of: news.payment, in: &change) else { return }
        }
        try request.run(
            MessageRequest(
                occasion: news.occasion, channel: channel, lane: .normal,
                dedupKey: "\(news.occasion.rawValue)/\(news.payment)", matter: .payment(news.payment),
                client: news.client, clinic: envelope.clinic, facts: try MessageFacts(amount: news.amount).text()),
            in: &change)
    }
}
