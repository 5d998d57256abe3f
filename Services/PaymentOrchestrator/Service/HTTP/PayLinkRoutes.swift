import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import ServiceRuntime
import TransactionalMessaging

/// The client's link as staff reach it, to show it and to have it sent (PAY-5), and as a mailed invoice carries it.
struct PayLinkRoutes: Sendable {
    let payments: PaymentRoutes
    let send: SendLink
    let time: TimeSource

    var routes: [Route] {
        [
            Route(
                .get, "/v1/payments/{paymentID}/link", operation: "getPaymentLink", access: .makePayments,
                getPaymentLink),
            Route(
                .post, "/v1/payments/{paymentID}/link-messages", operation: "sendPaymentLink", access: .makePayments,
                idempotency: .required, sendPaymentLink),
            Route(
                .get, "/v1/invoices/{invoiceID}/pay-link", operation: "getInvoicePayLink", access: .reachClients,
                getInvoicePayLink),
        ]
    }

    private struct LinkAnswer: Encodable {
        let payLink: String
        /// What follows `/p/` in the link, for the invoice that is printed with it.
        let payToken: String
        let expiresAt: Instant
    }

    /// Only while the client can do something with it.
    @Sendable private func getPaymentLink(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        try record.payment.requireLink(at: time.now())
        let token = try payments.token(of: record)
        let answer = LinkAnswer(
            payLink: payments.addresses.link(token), payToken: token.reveal(),
            expiresAt: record.payment.terms.expiresAt)
        return try .json(.ok, answer).with("Cache-Control", "no-store")
    }

    private struct InvoiceLinkAnswer: Encodable {
        let invoiceID: InvoiceID
        /// These four are absent while no link would pay it.
        var paymentID: PaymentID?
        var payLink: String?
        /// What follows `/p/` in the link.
        var payToken: String?
        var expiresAt: Instant?
    }

    /// For whoever mails an invoice: the link that pays it now, and never one that is used, called off or over.
    @Sendable private func getInvoicePayLink(_ request: Request) async throws -> Response {
        let invoice: InvoiceID = try request.path("invoiceID")
        var answer = InvoiceLinkAnswer(invoiceID: invoice)
        if let record = try await payments.live(of: invoice, for: try request.principal), isUsable(record) {
            answer.paymentID = record.id
            let token = try payments.token(of: record)
            answer.payLink = payments.addresses.link(token)
            answer.payToken = token.reveal()
            answer.expiresAt = record.payment.terms.expiresAt
        }
        return try .json(.ok, answer).with("Cache-Control", "no-store")
    }

    private func isUsable(_ record: PaymentRecord) -> Bool {
        do throws(PaymentRejection) {
            try record.payment.requireUsableLink(at: time.now())
            return true
        } catch {
            return false
        }
    }

    @Sendable private func sendPaymentLink(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        try await send.run(record.id, because: try request.cause())
        let after = try await payments.visible(record.id, request)
        return try .json(.created, PaymentAnswer(after)).tagged(after.version)
    }
}
