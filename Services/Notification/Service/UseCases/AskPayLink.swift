import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime

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
    let payments: GuardedOwner
    let time: TimeSource

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
        let answer: Answer = try await payments.read("/v1/invoices/\(invoice)/pay-link", in: organisation)
        guard let link = answer.payLink, let token = answer.payToken else { return nil }
        if let end = answer.expiresAt, !InvoiceMessages.canMail(linkUntil: end, at: time.now()) { return nil }
        return PayLink(payment: answer.paymentID, address: Secret(link), token: Secret(token))
    }
}
