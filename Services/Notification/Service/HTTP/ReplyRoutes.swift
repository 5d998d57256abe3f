import HTTPServer
import NotificationChannels
import NotificationDomain
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
            .ofGateway(.get, "http", "replies", operation: "takeHTTPReply", takeHTTP),
            .ofGateway(.post, "http", "replies", operation: "takePostedHTTPReply", takeHTTP),
        ]
    }

    @Sendable private func takeSMSFactor(_ request: Request) async throws -> Response {
        try gateways.requireSMSFactor(request)
        guard let reply = SMSFactorReply(request.body), StopWord.begins(reply.text) else { return .empty(.ok) }
        try await stop.run(reply.from, "reply to \(reply.lastMessage)", from: "smsfactor", run: reply.identity)
        return .empty(.ok)
    }

    @Sendable private func takeKannel(_ request: Request) async throws -> Response {
        let query = request.values()
        try gateways.requireOwn(query("key"))
        return try await hear(query("text"), from: query("from"), as: query("id"), by: "kannel")
    }

    @Sendable private func takeTwilio(_ request: Request) async throws -> Response {
        let form = try gateways.twilioForm(request, at: "replies")
        func field(_ name: String) -> String? { form.first { $0.0 == name }?.1 }
        return try await hear(field("Body"), from: field("From"), as: field("MessageSid"), by: "twilio")
    }

    /// The described gateway's, whose address has our secret in it.
    @Sendable private func takeHTTP(_ request: Request) async throws -> Response {
        try gateways.requireOwn(request.values()("key"))
        guard let template = gateways.template, template.describesReplies else { throw Problem.notSigned }
        let reply = template.reply(request.fields(), body: request.body)
        return try await hear(reply?.text, from: reply?.from, as: reply?.identity, by: template.name)
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
