import HTTPServer
import PaymentModel
import PaymentProviders

/// Where providers notify us, PAY-8.
struct WebhookRoutes: Sendable {
    let take: TakeNotification
    let time: TimeSource

    var routes: [Route] {
        [
            Route(.get, "/webhooks/alma/{accountID}", operation: "almaNotification", access: .signedWebhook) {
                try await taken($0, .alma)
            },
            Route(.post, "/webhooks/stripe/{accountID}", operation: "stripeNotification", access: .signedWebhook) {
                try await taken($0, .stripe)
            },
            Route(.post, "/webhooks/paypal/{accountID}", operation: "paypalNotification", access: .signedWebhook) {
                try await taken($0, .paypal)
            },
        ]
    }

    private func taken(_ request: Request, _ provider: Provider) async throws -> Response {
        let account: ProviderAccountID = try request.path("accountID")
        // What else the provider may add to the address is its own business.
        let query = request.query().optionalString("pid", max: 64).map { ["pid": $0] } ?? [:]
        let headers = request.headers.fields.map { ($0.name.lowercased(), $0.value) }
        let notification = ProviderNotification(
            query: query, headers: Dictionary(headers) { first, _ in first }, body: request.body,
            receivedAt: time.now())
        let outcome = try await take.run(
            TakeNotification.Arrival(account: account, provider: provider, notification: notification))
        guard outcome != .forged else {
            throw Problem.notSigned
        }
        // Also what is not ours or cannot be matched is taken: a refusal would make the provider send it for ever.
        return .empty()
    }
}
