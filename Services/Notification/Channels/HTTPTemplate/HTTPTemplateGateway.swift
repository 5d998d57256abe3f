package import HTTPClient
package import NotificationDomain
package import Observability
import PaymentModel

/// SMS through a gateway that a file describes.
package struct HTTPTemplateGateway: MessageGateway {
    package var name: String { template.name }
    private let template: HTTPTemplate
    private let secret: Secret
    private let sender: String
    private let call: GatewayCall

    /// `secret` is the gateway's, and makes the keys of the receipts' addresses.
    package init(
        _ template: HTTPTemplate, secret: Secret, sender: String, timeMax: Duration, client: HTTPClient
    ) {
        self.template = template
        self.secret = secret
        self.sender = sender
        call = GatewayCall(client: client, timeMax: timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        let parts = SMSParts(of: message.text)
        let fill = TemplateFill(values: [
            "to": message.address, "digits": String(message.address.drop { $0 == "+" }), "text": message.text,
            "sender": message.sender ?? sender, "id": message.id.description, "coding": parts.coding.rawValue,
            "key": ReceiptProof.key(of: message.id, secret: secret), "secret": secret.reveal(),
            "validity": "\(message.validMinutes ?? OutgoingMessage.validMinutesMax)",
        ])
        return await call.outcome(of: request(fill)) { outcome(of: $0, parts: parts.count) }
    }

    private func request(_ fill: TemplateFill) -> HTTPRequest {
        var headers = (template.headers ?? [:]).sorted { $0.key < $1.key }.map {
            ($0.key, fill.filled($0.value) { $0 })
        }
        let type = template.contentType ?? "application/json"
        if template.body != nil { headers.append(("Content-Type", type)) }
        var request = HTTPRequest(
            HTTPRequest.Method(rawValue: template.method) ?? .post, fill.filled(template.url, Escaping.percent),
            headers: headers,
            body: template.body.map { Array(fill.filled($0, TemplateFill.escaping(for: type)).utf8) })
        request.hasEffect = true
        return request
    }

    private func outcome(of response: HTTPResponse, parts: Int) -> DispatchOutcome {
        if template.taken.match(response) {
            let reference = template.referencePointer.flatMap { JSONPlace.text(at: $0, in: response.body) }
            let billed = template.partsPointer.flatMap { JSONPlace.text(at: $0, in: response.body) }.flatMap { Int($0) }
            return .accepted(
                reference: reference.flatMap(HTTPTemplate.kept), parts: GatewayCall.parts(billed, or: parts))
        }
        let reason = "the gateway answered \(response.status)"
        if template.notTaken?.match(response) == true { return .notTaken(reason: reason) }
        if template.refused?.match(response) == true { return .refused(reason: reason) }
        // What the file does not name may have left.
        return .unknown(reason: reason)
    }
}

extension HTTPTemplate.Answers {
    fileprivate func match(_ response: HTTPResponse) -> Bool {
        guard statuses?.contains(response.status) ?? response.isSuccess else { return false }
        guard let pointer else { return true }
        guard let text = JSONPlace.text(at: pointer, in: response.body) else { return false }
        return values?.contains(text) ?? true
    }
}

extension HTTPTemplate {
    /// Whether its receipts name a message by the gateway's own id: no key proves these, so their address must.
    package var receiptsNameReferences: Bool { receipts?.reference != nil }

    /// The receipt in the fields of a query or a form, or in a JSON body; nil where it has not what it should, as the
    /// message's key.
    package func receipt(_ field: (String) -> String?, body: [UInt8], secret: Secret) -> GatewayReceipt? {
        guard let receipts else { return nil }
        func value(_ place: String?) -> String? { place.flatMap { Self.value(at: $0, field, body) } }
        let subject =
            receipts.reference == nil
            ? Self.message(value(receipts.id), value(receipts.key), secret) : Self.reference(value(receipts.reference))
        guard let subject, let code = value(receipts.code) else { return nil }
        let verdict: GatewayReceipt.Verdict? =
            receipts.delivered.contains(code) ? .delivered : receipts.undelivered.contains(code) ? .undelivered : nil
        return GatewayReceipt(subject, code: String(code.prefix(20)), verdict: verdict)
    }

    private static func message(_ id: String?, _ key: String?, _ secret: Secret) -> GatewayReceipt.Subject? {
        guard let id = id.flatMap({ MessageID($0) }), let key,
            ReceiptProof.isSame(key, ReceiptProof.key(of: id, secret: secret))
        else { return nil }
        return .message(id)
    }

    private static func reference(_ text: String?) -> GatewayReceipt.Subject? {
        text.flatMap(kept).map(GatewayReceipt.Subject.reference)
    }

    /// The gateway's own id of a message; nil for what is too long to be one, or cannot be kept.
    fileprivate static func kept(_ text: String) -> String? {
        (1...100).contains(text.utf8.count) && !text.utf8.contains(0) ? text : nil
    }

    /// Whether the description says how a reply looks.
    package var describesReplies: Bool { replies != nil }

    /// What somebody wrote back, in the same places; nil for what is no reply.
    package func reply(_ field: (String) -> String?, body: [UInt8]) -> GatewayReply? {
        guard let replies, let from = Self.value(at: replies.from, field, body),
            let text = Self.value(at: replies.text, field, body)
        else { return nil }
        return GatewayReply(from: from, text: text, identity: replies.id.flatMap { Self.value(at: $0, field, body) })
    }

    /// A pointer leads into the body, a name to a field.
    private static func value(at place: String, _ field: (String) -> String?, _ body: [UInt8]) -> String? {
        place.hasPrefix("/") ? JSONPlace.text(at: place, in: body) : field(place)
    }
}
