import Crypto
import FoundationEssentials
import HTTPClient
import Observability
import PaymentModel
import Synchronization

/// OVHcloud's API for one SMS account, whose calls are signed with its own clock.
final class OVHcloudAPI: Sendable {
    private let settings: OVHcloudSettings
    let client: HTTPClient
    private let time: TimeSource
    /// How many seconds its clock is ahead of ours; nil until it was asked.
    private let drift = Mutex<Int64?>(nil)

    init(_ settings: OVHcloudSettings, client: HTTPClient, time: TimeSource) {
        self.settings = settings
        self.client = client
        self.time = time
    }

    /// A signed call below the account, such as `/jobs`; nil when it did not tell its time.
    func request(_ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil) async -> HTTPRequest? {
        guard let now = await serverSeconds() else { return nil }
        let url = "\(settings.baseURL)/sms/\(settings.account)\(path)"
        return HTTPRequest(method, url, headers: headers(method, url, body ?? [], now), body: body)
    }

    /// Perhaps its clock is not what it was: then the next call asks for it again.
    func note(_ response: HTTPResponse) {
        if response.status == 401 || response.status == 403 { drift.withLock { $0 = nil } }
    }

    private func headers(
        _ method: HTTPRequest.Method, _ url: String, _ body: [UInt8], _ now: Int64
    ) -> [(String, String)] {
        let text = [
            settings.applicationSecret.reveal(), settings.consumerKey.reveal(), method.rawValue, url,
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
        guard let response = try? await client.send(request), response.isSuccess,
            let theirs = Int64(String(decoding: response.body, as: UTF8.self).filter { !$0.isWhitespace })
        else { return nil }
        drift.withLock { $0 = theirs - ours }
        return theirs
    }
}
