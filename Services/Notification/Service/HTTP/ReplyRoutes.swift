import HTTPServer
import NotificationChannels
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes in what people write back: a STOP withdraws what they agreed to (NOT-9).
///
/// What is no STOP is answered with 200 and forgotten. So is one nobody can hear, which would be no better the next
/// time: it is counted. What nobody can read as a reply at all its route tells of, as of receipts.
struct ReplyRoutes {
    let stop: TakeStop
    let unheard: UnheardReplies
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

    @Sendable private func takeSMSFactor(_ request: Request) async throws -> Response? {
        try gateways.requireSMSFactor(request)
        guard let reply = SMSFactorReply(request.body) else { return nil }
        guard StopWord.begins(reply.text) else { return .empty(.ok) }
        return note(
            try await stop.run(reply.from, "reply to \(reply.lastMessage)", from: "smsfactor", run: reply.identity),
            by: "smsfactor")
    }

    @Sendable private func takeKannel(_ request: Request) async throws -> Response? {
        let query = request.values()
        try gateways.requireOwn(query("key"))
        let reply = GatewayReply(number: query("from"), text: query("text"), identity: query("id"))
        return try await hear(reply, by: "kannel")
    }

    @Sendable private func takeTwilio(_ request: Request) async throws -> Response? {
        let form = try gateways.twilioForm(request, at: "replies")
        func field(_ name: String) -> String? { form.first { $0.0 == name }?.1 }
        let reply = GatewayReply(number: field("From"), text: field("Body"), identity: field("MessageSid"))
        return try await hear(reply, by: "twilio")
    }

    /// The described gateway's, whose address has our secret in it.
    @Sendable private func takeHTTP(_ request: Request) async throws -> Response? {
        try gateways.requireOwn(request.values()("key"))
        guard let template = gateways.template, template.describesReplies else { throw Problem.notSigned }
        return try await hear(template.reply(request.fields(), body: request.body), by: template.name)
    }

    private func hear(_ reply: GatewayReply?, by gateway: String) async throws -> Response? {
        guard let reply else { return nil }
        let run = reply.identity.flatMap { $0.isEmpty ? nil : $0 } ?? "\(ids.next())"
        return note(try await stop.run(reply, from: gateway, run: run), by: gateway)
    }

    private func note(_ hearing: TakeStop.Hearing, by gateway: String) -> Response {
        switch hearing {
        case .heard: break
        case .unreadable: unheard.tell(.unreadable, of: gateway, "a STOP of a number that cannot be read")
        case .ofStranger: unheard.tell(.stranger, of: gateway, "a STOP of a number nobody wrote to")
        }
        return .empty(.ok)
    }
}

extension GatewayReply {
    /// Nil where the number or the text is missing.
    fileprivate init?(number: String?, text: String?, identity: String?) {
        guard let number, let text else { return nil }
        self.init(from: number, text: text, identity: identity)
    }
}
