import HTTPServer
import PaymentModel
import PaymentOrchestratorDomain
import ServiceRuntime
import TransactionalMessaging

/// The client's link as staff reach it: to show it, and to have it sent (PAY-5).
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
        ]
    }

    private struct LinkAnswer: Encodable {
        let payLink: String
        let expiresAt: Instant
    }

    /// Only while the client can do something with it.
    @Sendable private func getPaymentLink(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        try record.payment.requireLink(at: time.now())
        let answer = LinkAnswer(payLink: try payments.link(of: record), expiresAt: record.payment.terms.expiresAt)
        return try .json(.ok, answer).with("Cache-Control", "no-store")
    }

    @Sendable private func sendPaymentLink(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        try await send.run(record.id, because: try request.cause())
        let after = try await payments.visible(record.id, request)
        return try .json(.created, PaymentAnswer(after)).tagged(after.version)
    }
}
