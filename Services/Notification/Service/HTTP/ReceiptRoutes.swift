import HTTPServer
import NotificationChannels
import Observability
import PaymentModel
import TransactionalMessaging

/// Takes in delivery receipts of gateways (NOT-10).
struct ReceiptRoutes {
    let database: Database
    let secret: Secret
    let ids: IdentifierSource
    let messages = MessageStore()
    let take = TakeReceipt()

    var routes: [Route] {
        [
            Route(
                .post, "/webhooks/smsfactor/receipts", operation: "takeSMSFactorReceipt", access: .signedWebhook,
                bodyBytesMax: 16 << 10, receive)
        ]
    }

    @Sendable private func receive(_ request: Request) async throws -> Response {
        let signature = request.headers[SMSFactorReceipt.signatureHeader] ?? ""
        guard SMSFactorReceipt.isGenuine(signature, of: request.body, secret: secret) else {
            throw Problem(.signatureInvalid)
        }
        // What cannot be read will not be better the next time, so it is not asked for again.
        guard let receipt = SMSFactorReceipt(request.body) else { return .empty(.ok) }
        let found = try await database.read(organisation: nil) { transaction in
            try messages.find(receipt.message, &transaction)
        }
        guard let record = found else { return .empty(.ok) }
        let cause = Cause(
            .job(name: "receipt", run: "\(receipt.message)/\(receipt.status)"), organisation: record.organisation,
            actor: "smsfactor", correlation: CorrelationID(receipt.message.value))
        try await database.change(because: cause) { change in
            try take.run(receipt.status, for: receipt.message, in: &change)
        }
        return .empty(.ok)
    }
}
