import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import Synchronization

/// The link by which a client pays an invoice; whoever has it may pay, so it is kept nowhere here.
struct PayLink: Sendable {
    /// Whose link it is; nil where payment-orchestrator did not say.
    let payment: PaymentID?
    let address: Secret
    /// What follows `/p/` in it.
    let token: Secret
}

/// Asks payment-orchestrator for the link that pays an invoice at this moment (INV-5).
struct AskPayLink: Sendable {
    /// How long nobody is asked who gave no answer: a service that hangs must not hold all hands of a worker.
    private static let rest = Duration.seconds(10)
    let payments: AskOwner
    let time: TimeSource
    let state = LinkBreaker()

    /// Nil while no link would pay it, and where the one that would is about to lapse.
    func run(
        for invoice: InvoiceID, in organisation: OrganisationID
    ) async throws(OwnerUnavailable) -> PayLink? {
        struct Answer: Decodable {
            let paymentID: PaymentID?
            let payLink: String?
            let payToken: String?
            let expiresAt: Instant?
        }
        guard state.permits(at: time.now(), rest: Self.rest) else {
            throw OwnerUnavailable(reason: "payment-orchestrator gave no answer a moment ago")
        }
        let answer: Answer
        do throws(OwnerUnavailable) {
            answer = try await payments.read("/v1/invoices/\(invoice)/pay-link", in: organisation)
        } catch {
            // Whatever it answers shows that it can be asked.
            state.end(isAnswered: error.status != nil, at: time.now(), rest: Self.rest)
            throw error
        }
        state.end(isAnswered: true, at: time.now(), rest: Self.rest)
        guard let link = answer.payLink, let token = answer.payToken else { return nil }
        if let end = answer.expiresAt, !InvoiceMessages.canMail(linkUntil: end, at: time.now()) { return nil }
        return PayLink(payment: answer.paymentID, address: Secret(link), token: Secret(token))
    }
}

/// What all hands of a worker know of payment-orchestrator; after a rest one of them asks first.
final class LinkBreaker: Sendable {
    private let breaker = Mutex(Breaker())

    func permits(at now: Instant, rest: Duration) -> Bool {
        breaker.withLock { $0.permit(1, at: now, rest: rest) == 1 }
    }

    func end(isAnswered: Bool, at now: Instant, rest: Duration) {
        breaker.withLock { breaker in
            if isAnswered { breaker.succeed() } else { breaker.fail(at: now, failuresMax: 1, rest: rest) }
        }
    }
}
