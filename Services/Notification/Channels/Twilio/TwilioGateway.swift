import FoundationEssentials
package import HTTPClient
package import NotificationDomain
package import Observability

/// Twilio's account.
package struct TwilioSettings: Sendable {
    /// Such as `https://api.twilio.com`, without a slash at the end.
    package let baseURL: String
    package let accountSID: String
    package let authToken: Secret
    /// A number in E.164, or a name of at most eleven characters.
    package let sender: String
    /// Where its receipts reach us, without the message's id.
    package let receiptsURL: String
    package let timeMax: Duration

    package init(
        baseURL: String, account: (sid: String, token: Secret), sender: String, receiptsURL: String, timeMax: Duration
    ) {
        self.baseURL = baseURL
        (accountSID, authToken) = account
        self.sender = sender
        self.receiptsURL = receiptsURL
        self.timeMax = timeMax
    }
}

/// SMS through Twilio's API, for numbers outside France; our id comes back in the address of its receipts.
package struct TwilioGateway: MessageGateway {
    package let name = "twilio"
    /// More is refused; it is what it takes when nothing is said.
    private static let validSecondsMax = 36_000
    private let settings: TwilioSettings
    private let call: GatewayCall

    package init(_ settings: TwilioSettings, client: HTTPClient) {
        self.settings = settings
        call = GatewayCall(client: client, timeMax: settings.timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        var fields = [
            ("To", message.address), ("From", message.sender ?? settings.sender), ("Body", message.text),
            ("StatusCallback", "\(settings.receiptsURL)?message=\(message.id)"),
        ]
        if let minutes = message.validMinutes {
            fields.append(("ValidityPeriod", "\(min(minutes * 60, Self.validSecondsMax))"))
        }
        let form = Escaping.form(fields)
        let login = Data("\(settings.accountSID):\(settings.authToken.reveal())".utf8).base64EncodedString()
        let request = HTTPRequest(
            .post, "\(settings.baseURL)/2010-04-01/Accounts/\(settings.accountSID)/Messages.json",
            headers: [
                ("Authorization", "Basic \(login)"), ("Content-Type", "application/x-www-form-urlencoded"),
                ("Accept", "application/json"),
            ],
            body: Array(form.utf8))
        let parts = SMSParts(of: message.text).count
        return await call.outcome(of: request) {
            TwilioAnswer.outcome(of: $0, parts: parts, isMarketing: message.isMarketing)
        }
    }
}

/// What Twilio's answers mean.
enum TwilioAnswer {
    private struct Message: Decodable {
        let sid: String
        let status: String
        let num_segments: String?
        let error_code: Int?
    }

    private struct Refusal: Decodable {
        let code: Int
    }

    /// A number that is none, one of a service that is charged for, and one that takes no SMS: no gateway reaches it.
    private static let finalCodes: Set<Int> = [21_211, 21_268, 21_614]
    /// Who wrote STOP to Twilio's number.
    private static let optedOut = 21_610
    /// Too much is asked of the account, or waits for its sender.
    private static let busyCodes: Set<Int> = [20_429, 21_611]

    static func outcome(of response: HTTPResponse, parts: Int, isMarketing: Bool) -> DispatchOutcome {
        switch response.status {
        case 200..<300:
            guard let message: Message = GatewayCall.decoded(response) else { return GatewayCall.unreadable(response) }
            guard !["failed", "undelivered", "canceled"].contains(message.status) else {
                return .refused(reason: "the gateway's code is \(message.error_code ?? 0)")
            }
            let billed = message.num_segments.flatMap { Int($0) }
            return .accepted(reference: message.sid, parts: GatewayCall.parts(billed, or: parts))
        // Credentials are ours to mend; the message can leave afterwards.
        case 401, 403: return .notTaken(reason: "the gateway answered \(response.status)")
        case 400..<500:
            guard let refusal: Refusal = GatewayCall.decoded(response) else { return GatewayCall.unreadable(response) }
            return outcome(of: refusal.code, isMarketing)
        default: return .unknown(reason: "the gateway answered \(response.status)")
        }
    }

    /// Nobody had it.
    ///
    /// Whatever else Twilio says is of its account, such as a country that is not opened for it or a sender it does not
    /// have: another gateway may bring the message.
    private static func outcome(of code: Int, _ isMarketing: Bool) -> DispatchOutcome {
        let reason = "the gateway's code is \(code)"
        if busyCodes.contains(code) { return .notTaken(reason: reason) }
        let isFinal = finalCodes.contains(code) || code == optedOut && isMarketing
        return isFinal ? .refused(reason: reason) : .barred(reason: reason)
    }
}
