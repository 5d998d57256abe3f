package import HTTPClient
package import NotificationDomain
package import Observability
import PaymentModel

/// A Kannel-style gateway.
package struct KannelSettings: Sendable {
    /// Of its smsbox, such as `http://127.0.0.1:13013`, without a slash at the end.
    package let baseURL: String
    package let user: String
    package let password: Secret
    package let sender: String
    /// Where its receipts reach us, without the message's id.
    package let receiptsURL: String
    /// Makes the key in the address of each message's receipts.
    package let receiptSecret: Secret
    package let timeMax: Duration

    package init(
        baseURL: String, login: (user: String, password: Secret), sender: String,
        receipts: (url: String, secret: Secret), timeMax: Duration
    ) {
        self.baseURL = baseURL
        (user, password) = login
        self.sender = sender
        (receiptsURL, receiptSecret) = receipts
        self.timeMax = timeMax
    }
}

/// SMS through Kannel's smsbox (`GET /cgi-bin/sendsms`), which gives no id: ours is in the address of its receipts.
///
/// The answers are those of 1.4; any other leaves the outcome unknown. It cuts long texts itself, where its
/// user may send several parts (`README.md`): `SMSParts.filled` has it cut where parts were counted.
package struct KannelGateway: MessageGateway {
    package let name = "kannel"
    private let settings: KannelSettings
    private let call: GatewayCall

    package init(_ settings: KannelSettings, client: HTTPClient) {
        self.settings = settings
        call = GatewayCall(client: client, timeMax: settings.timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        let parts = SMSParts(of: message.text)
        let key = ReceiptProof.key(of: message.id, secret: settings.receiptSecret)
        var fields = [
            ("username", settings.user), ("password", settings.password.reveal()),
            ("from", message.sender ?? settings.sender), ("to", message.address),
            ("text", SMSParts.filled(message.text)),
            ("charset", "UTF-8"), ("coding", parts.coding == .gsm7 ? "0" : "2"),
            // All kinds of receipts but 'queued': delivered, not delivered, taken and refused by the network.
            ("dlr-mask", "27"), ("dlr-url", "\(settings.receiptsURL)?message=\(message.id)&key=\(key)&type=%d"),
        ]
        if let minutes = message.validMinutes { fields.append(("validity", "\(minutes)")) }
        let query = Escaping.form(fields)
        var request = HTTPRequest(.get, "\(settings.baseURL)/cgi-bin/sendsms?\(query)")
        request.hasEffect = true
        return await call.outcome(of: request) { response in
            let text = String(decoding: response.body.prefix(200), as: UTF8.self)
            switch response.status {
            case 202: return .accepted(reference: nil, parts: parts.count)
            // Its own words for having done nothing; the same status from a proxy says nothing.
            case 400..<600 where text.contains("Temporal failure"):
                return .notTaken(reason: "the gateway is not ready")
            // The account, or the address there (404), is ours to mend; the message can leave afterwards.
            case 401, 403, 404: return .notTaken(reason: "the gateway answered \(response.status)")
            // What it rejects it says in plain words; a proxy's page says nothing of what it stands before.
            case 400 where !text.contains("<"): return .refused(reason: "the gateway answered 400")
            default: return .unknown(reason: "the gateway answered \(response.status)")
            }
        }
    }
}

/// A delivery receipt as Kannel fetches our address with it.
package enum KannelReceipt {
    /// Nil when it is about no message of ours, or whoever calls does not know that message's key.
    package static func read(_ query: (String) -> String?, secret: Secret) -> GatewayReceipt? {
        guard let id = query("message").flatMap({ MessageID($0) }), let key = query("key"),
            ReceiptProof.isSame(key, ReceiptProof.key(of: id, secret: secret)), let code = query("type")
        else { return nil }
        let verdict: GatewayReceipt.Verdict? =
            switch code {
            case "1": .delivered
            case "2", "16": .undelivered
            default: nil
            }
        return GatewayReceipt(.message(id), code: String(code.prefix(20)), verdict: verdict)
    }
}
