import HTTPServer
import PaymentModel
import PaymentProviders

/// Where providers notify us.
struct WebhookRoutes: Sendable {
    let take: TakeNotification

    var routes: [Route] {
        [Route(.get, "/webhooks/alma/{accountID}", operation: "almaNotification", access: .signedWebhook, alma)]
    }

    /// Alma's notification: `?pid=` names a payment and a header signs that name, PAY-8.
    @Sendable private func alma(_ request: Request) async throws -> Response {
        let account: ProviderAccountID = try request.path("accountID")
        // What else the provider may add to the address is its own business.
        let reference = request.query().optionalString("pid", max: 64) ?? ""
        let notification = ProviderNotification(
            reference: reference, signature: request.headers["X-Alma-Signature"] ?? "")
        let outcome = try await take.run(
            TakeNotification.Arrival(account: account, provider: .alma, notification: notification))
        guard outcome != .forged else {
            throw Problem(.signatureInvalid, detail: "The signature is not that of the account's provider.")
        }
        // Also what is not ours or cannot be matched is taken: a refusal would make the provider send it for ever.
        return .empty()
    }
}
