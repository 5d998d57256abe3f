import Crypto
import FoundationEssentials
package import HTTPClient
package import NotificationDomain
package import Observability
package import PaymentModel
import Synchronization

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
package final class OVHcloudGateway: MessageGateway {
    package let name = "ovhcloud"
    private let settings: OVHcloudSettings
    private let call: GatewayCall
    private let time: TimeSource
    /// How many seconds its clock is ahead of ours; nil until it was asked.
    private let drift = Mutex<Int64?>(nil)

    package init(_ settings: OVHcloudSettings, client: HTTPClient, time: TimeSource) {
        self.settings = settings
        self.time = time
        call = GatewayCall(client: client, timeMax: settings.timeMax)
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        guard let now = await serverSeconds() else { return .notTaken(reason: "the gateway did not tell its time") }
        guard let body = try? OVHcloudJob(message, sender: message.sender ?? settings.sender).encoded() else {
            return .refused(reason: "the message cannot be written as JSON")
        }
        let url = "\(settings.baseURL)/sms/\(settings.account)/jobs"
        let request = HTTPRequest(.post, url, headers: headers(url, body, now), body: body)
        let parts = SMSParts(of: message.text).count
        return await call.outcome(of: request) { response in
            if response.status == 401 || response.status == 403 {
                // Perhaps its clock is not what it was: the next try asks for it again.
                drift.withLock { $0 = nil }
            }
            return OVHcloudAnswer.outcome(of: response, parts: parts)
        }
    }

    private func headers(_ url: String, _ body: [UInt8], _ now: Int64) -> [(String, String)] {
        let text = [
            settings.applicationSecret.reveal(), settings.consumerKey.reveal(), "POST", url,
            String(decoding: body, as: UTF8.self), "\(now)",
        ].joined(separator: "+")
        let signature = "$1$" + Escaping.hexadecimal(Insecure.SHA1.hash(data: Data(text.utf8)))
        return [
            ("Content-Type", "application/json"), ("Accept", "application/json"),
            ("X-Ovh-Application", settings.applicationKey), ("X-Ovh-Consumer", settings.consumerKey.reveal()),
            ("X-Ovh-Timestamp", "\(now)"), ("X-Ovh-Signature", signature),
        ]
    }

    /// Its own time: a signature with another is refused.
    private func serverSeconds() async -> Int64? {
        let ours = time.now().secondsSince1970
        if let drift = drift.withLock({ $0 }) { return ours + drift }
        let request = HTTPRequest(
            .get, "\(settings.baseURL)/auth/time", connectTimeout: .seconds(5), totalTimeout: settings.timeMax,
            responseBytesMax: 1 << 10)
        guard let response = try? await call.client.send(request), response.isSuccess,
            let theirs = Int64(String(decoding: response.body, as: UTF8.self).filter { !$0.isWhitespace })
        else { return nil }
        drift.withLock { $0 = theirs - ours }
        return theirs
    }
}

/// The request's shape.
struct OVHcloudJob: Encodable {
    let charset = "UTF-8"
    let coding: String
    let message: String
    /// False would make it marketing: held at night and at weekends, with a mention that costs characters.
    let noStopClause = true
    let priority = "high"
    let receivers: [String]
    let sender: String

    private enum CodingKeys: CodingKey { case charset, coding, message, noStopClause, priority, receivers, sender }

    init(_ message: OutgoingMessage, sender: String) {
        coding = SMSParts(of: message.text).coding == .gsm7 ? "7bit" : "8bit"
        self.message = message.text
        receivers = [message.address]
        self.sender = sender
    }

    func encoded() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) }
}

/// What OVHcloud's answers mean.
enum OVHcloudAnswer {
    private struct Job: Decodable {
        let ids: [Int64]
        let totalCreditsRemoved: Double?
    }

    static func outcome(of response: HTTPResponse, parts: Int) -> DispatchOutcome {
        switch response.status {
        case 200..<300:
            guard let job: Job = GatewayCall.decoded(response) else { return GatewayCall.unreadable(response) }
            guard let id = job.ids.first else { return .refused(reason: "the gateway sent it to nobody") }
            return .accepted(reference: "\(id)", parts: job.totalCreditsRemoved.map { Int($0.rounded()) } ?? parts)
        // Keys, rights and the contract are ours to mend; the message can leave afterwards.
        case 401, 402, 403, 460: return .notTaken(reason: "the gateway answered \(response.status)")
        case 400, 404, 409: return .refused(reason: "the gateway answered \(response.status)")
        default: return .unknown(reason: "the gateway answered \(response.status)")
        }
    }
}
