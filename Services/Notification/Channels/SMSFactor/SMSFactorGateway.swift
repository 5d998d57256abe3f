import FoundationEssentials
package import HTTPClient
package import NotificationDomain
package import Observability
import PaymentModel

/// SMSFactor's account.
package struct SMSFactorSettings: Sendable {
    /// Without a slash at the end.
    package let baseURL: String
    package let token: Secret
    /// What the phone shows, at most eleven characters.
    package let sender: String
    /// How long one call may take.
    package let timeMax: Duration

    package init(baseURL: String, token: Secret, sender: String, timeMax: Duration = .seconds(15)) {
        self.timeMax = timeMax
        self.baseURL = baseURL
        self.token = token
        self.sender = sender
    }
}

/// SMS through SMSFactor's API (`POST /send`, our id comes back as `gsmsmsid`).
package struct SMSFactorGateway: MessageGateway {
    package let name = "smsfactor"
    private let settings: SMSFactorSettings
    private let call: GatewayCall

    package init(_ settings: SMSFactorSettings, client: HTTPClient) {
        self.settings = settings
        call = GatewayCall(client: client, timeMax: settings.timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        let body: [UInt8]
        do {
            body = try SMSFactorRequest(message, sender: message.sender ?? settings.sender).encoded()
        } catch {
            return .refused(reason: "the message cannot be written as JSON")
        }
        let parts = SMSParts(of: message.text).count
        return await call.outcome(of: request(body)) { response in
            SMSFactorAnswer.outcome(of: response, parts: parts, isMarketing: message.isMarketing)
        }
    }

    private func request(_ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            .post, settings.baseURL + "/send",
            headers: [
                ("Authorization", "Bearer \(settings.token.reveal())"), ("Accept", "application/json"),
                ("Content-Type", "application/json"),
            ],
            body: body)
    }
}

/// The request's shape.
struct SMSFactorRequest: Encodable {
    struct SMS: Encodable {
        let message: Message
        let recipients: Recipients
    }

    struct Message: Encodable {
        let text: String
        let pushtype: String
        let sender: String
        let unicode: Int
    }

    struct Recipients: Encodable {
        let gsm: [Recipient]
    }

    struct Recipient: Encodable {
        let gsmsmsid: String
        let value: String
    }

    let sms: SMS

    init(_ message: OutgoingMessage, sender: String) {
        let isUnicode = SMSParts(of: message.text).coding == .ucs2
        sms = SMS(
            message: Message(
                text: message.textWithoutMention, pushtype: message.stopMention == nil ? "alert" : "marketing",
                sender: sender, unicode: isUnicode ? 1 : 0),
            recipients: Recipients(gsm: [
                Recipient(gsmsmsid: message.id.description, value: String(message.address.drop { $0 == "+" }))
            ]))
    }

    func encoded() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) }
}
