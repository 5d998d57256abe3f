import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns a fact about a debt, or about money, into a message where the organisation switched that on (NOT-2).
///
/// What happened long ago asks for nothing: topics are read from their beginning, and imports bring old invoices.
struct TellOfInvoice {
    /// A document of an earlier day is in an import, and its client had it then.
    static let documentDaysMax = 7
    let request: RequestMessage
    let time: TimeSource
    let policies = PolicyStore()

    /// What happened, and to what.
    struct News: Sendable {
        let occasion: Occasion
        let matter: Matter
        let client: ClientID
        /// One message for each.
        let key: String
        let facts: MessageFacts
        /// Of a document.
        var issuedOn: LocalDate?
    }

    func run(_ news: News, told envelope: EventEnvelope, in change: inout Change) throws {
        guard isFresh(news, envelope),
            let channel = try policies.find(change.cause.organisation, in: &change.transaction).invoices
                .channel(of: news.occasion)
        else { return }
        try request.run(
            MessageRequest(
                occasion: news.occasion, channel: channel, lane: .normal,
                dedupKey: "\(news.occasion.rawValue)/\(news.key)", matter: news.matter, client: news.client,
                clinic: envelope.clinic, facts: try news.facts.text()),
            in: &change)
    }

    private func isFresh(_ news: News, _ envelope: EventEnvelope) -> Bool {
        envelope.time.adding(request.ageMax) > time.now() && Self.isRecent(news.issuedOn, at: envelope.time)
    }

    /// Whether a document, or money, is of these days; what has no day is.
    static func isRecent(_ day: LocalDate?, at instant: Instant) -> Bool {
        day.map { $0 >= instant.utcDate.adding(days: -documentDaysMax) } ?? true
    }
}
