import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes in what people write back: a STOP withdraws what they agreed to (NOT-9).
///
/// What is no STOP is answered with 200 and forgotten.
struct ReplyRoutes {
    let stop: TakeStop
    let gateways: ReceiptSettings
    let ids: IdentifierSource

    var routes: [Route] {
        [
            .ofGateway(.post, "smsfactor", "replies", operation: "takeSMSFactorReply", takeSMSFactor),
            .ofGateway(.get, "kannel", "replies", operation: "takeKannelReply", takeKannel),
            .ofGateway(.post, "twilio", "replies", operation: "takeTwilioReply", takeTwilio),
        ]
    }

    @Sendable private func takeSMSFactor(_ request: Request) async throws -> Response {
        let signature = request.headers[SMSFactorReceipt.signatureHeader] ?? ""
        guard SMSFactorReceipt.isGenuine(signature, of: request.body, secret: gateways.smsFactor) else {
            throw Problem.notSigned
        }
        guard let reply = SMSFactorReply(request.body), StopWord.begins(reply.text) else { return .empty(.ok) }
        try await stop.run(reply.from, "reply to \(reply.lastMessage)", from: "smsfactor", run: reply.identity)
        return .empty(.ok)
    }

    /// The service of its configuration has our secret in its address, since its calls are not signed.
    @Sendable private func takeKannel(_ request: Request) async throws -> Response {
        let query = request.values()
        guard let secret = gateways.own, ReceiptProof.isSame(query("key") ?? "", secret.reveal()) else {
            throw Problem.notSigned
        }
        return try await hear(query("text"), from: query("from"), as: query("id"), by: "kannel")
    }

    @Sendable private func takeTwilio(_ request: Request) async throws -> Response {
        guard let token = gateways.twilio, let address = gateways.url else { throw Problem.notSigned }
        let form = FormFields.pairs(request.body)
        let signature = request.headers[TwilioReceipt.signatureHeader] ?? ""
        guard TwilioReceipt.isGenuine(signature, url: "\(address)/twilio/replies", form: form, token: token) else {
            throw Problem.notSigned
        }
        func field(_ name: String) -> String? { form.first { $0.0 == name }?.1 }
        return try await hear(field("Body"), from: field("From"), as: field("MessageSid"), by: "twilio")
    }

    /// `identity` is the same for the same reply, however often it comes; without one each is a reply of its own.
    private func hear(
        _ text: String?, from number: String?, as identity: String?, by gateway: String
    ) async throws -> Response {
        guard let text, StopWord.begins(text), let number, let phone = phone(number) else { return .empty(.ok) }
        let run = identity.flatMap { $0.isEmpty ? nil : $0 } ?? "\(ids.next())"
        try await stop.run(phone, "reply by SMS", from: gateway, run: "\(gateway)/\(run)")
        return .empty(.ok)
    }

    /// With its country, whose plus sign some networks leave out, or as it is dialled in France.
    private func phone(_ number: String) -> Phone? {
        Phone(e164: "+" + number.drop { $0 == "+" }) ?? WrittenNumbers().read(number)
    }
}
