import FoundationEssentials
package import HTTPClient
package import NotificationDomain
package import Observability
package import PaymentModel

/// OVHcloud's SMS account and the application that may use it.
package struct OVHcloudSettings: Sendable {
    /// Such as `https://eu.api.ovh.com/1.0`, without a slash at the end.
    package let baseURL: String
    /// Such as `sms-ab12345-1`.
    package let account: String
    package let applicationKey: String
    package let applicationSecret: Secret
    package let consumerKey: Secret
    /// What the phone shows; it must be among the account's senders.
    package let sender: String
    package let timeMax: Duration

    package init(
        baseURL: String, account: String, keys: (application: String, secret: Secret, consumer: Secret),
        sender: String, timeMax: Duration
    ) {
        self.baseURL = baseURL
        self.account = account
        (applicationKey, applicationSecret, consumerKey) = keys
        self.sender = sender
        self.timeMax = timeMax
    }
}

/// SMS through OVHcloud's API (`POST /sms/{account}/jobs`), signed with its own clock.
///
/// Its receipts name the job, not our id, so they are matched by the reference of the answer.
package struct OVHcloudGateway: MessageGateway {
    package let name = "ovhcloud"
    private let sender: String
    private let api: OVHcloudAPI
    private let call: GatewayCall

    package init(_ settings: OVHcloudSettings, client: HTTPClient, time: TimeSource) {
        sender = settings.sender
        api = OVHcloudAPI(settings, client: client, time: time)
        call = GatewayCall(client: client, timeMax: settings.timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        guard let body = try? OVHcloudJob(message, sender: message.sender ?? sender).encoded() else {
            return .refused(reason: "the message cannot be written as JSON")
        }
        guard let request = await api.request(.post, "/jobs", body: body) else {
            return .notTaken(reason: "the gateway did not tell its time")
        }
        let parts = SMSParts(of: message.text).count
        let isFrench = message.address.hasPrefix("+33")
        return await call.outcome(of: request) { response in
            api.note(response)
            return OVHcloudAnswer.outcome(
                of: response, parts: parts, creditsAreParts: isFrench, isMarketing: message.isMarketing)
        }
    }
}

/// The request's shape.
struct OVHcloudJob: Encodable {
    let charset = "UTF-8"
    let coding: String
    let message: String
    /// False says that it is marketing, to which OVHcloud adds its mention of STOP.
    let noStopClause: Bool
    let priority = "high"
    let receivers: [String]
    let sender: String
    /// In minutes.
    let validityPeriod: Int?

    private enum CodingKeys: CodingKey {
        case charset, coding, message, noStopClause, priority, receivers, sender, validityPeriod
    }

    init(_ message: OutgoingMessage, sender: String) {
        coding = SMSParts(of: message.text).coding == .gsm7 ? "7bit" : "8bit"
        self.message = message.textWithoutMention
        noStopClause = message.stopMention == nil
        receivers = [message.address]
        self.sender = sender
        validityPeriod = message.validMinutes
    }

    func encoded() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) }
}

/// What OVHcloud's answers mean.
enum OVHcloudAnswer {
    private struct Job: Decodable {
        let ids: [Int64]
        let totalCreditsRemoved: Double?
        let invalidReceivers: [String]?
    }

    private struct Refusal: Decodable {
        let message: String
    }

    /// A credit is a part in the mainland; elsewhere a part is what a credit's price there makes it, such as 0.4 of
    /// one.
    static func outcome(
        of response: HTTPResponse, parts: Int, creditsAreParts: Bool, isMarketing: Bool
    ) -> DispatchOutcome {
        let reason = "the gateway answered \(response.status)"
        switch response.status {
        case 200..<300:
            guard let job: Job = GatewayCall.decoded(response) else { return GatewayCall.unreadable(response) }
            guard let id = job.ids.first else { return sentToNobody(job, isMarketing) }
            let credits = creditsAreParts ? job.totalCreditsRemoved.flatMap { Int(exactly: $0.rounded()) } : nil
            return .accepted(reference: "\(id)", parts: GatewayCall.parts(credits, or: parts))
        // Keys, rights and the contract are ours to mend; the message can leave afterwards.
        case 401, 402, 403, 460: return .notTaken(reason: reason)
        case 400, 404, 409:
            // A proxy's page says nothing of what it stands before.
            let refusal: Refusal? = GatewayCall.decoded(response)
            guard refusal != nil else { return GatewayCall.unreadable(response) }
            // There is no such account (404); else this message is not for it, such as under a sender it does not have.
            return response.status == 404 ? .notTaken(reason: reason) : .barred(reason: reason)
        default: return .unknown(reason: reason)
        }
    }

    /// Nobody had it: another gateway may bring it, but for a number that is none, and an advertisement for a reason
    /// nobody knows, which may be a STOP.
    private static func sentToNobody(_ job: Job, _ isMarketing: Bool) -> DispatchOutcome {
        let isInvalid = job.invalidReceivers?.isEmpty == false
        let reason = "the gateway sent it to nobody" + (isInvalid ? ": invalid" : "")
        return isInvalid || isMarketing ? .refused(reason: reason) : .barred(reason: reason)
    }
}
