import FoundationEssentials
import HTTPClient
import NotificationDomain

/// One call to a gateway over HTTP, and what is true of its answer whoever the gateway is.
struct GatewayCall {
    let client: HTTPClient
    let timeMax: Duration

    /// Calls once; `read` sees the answers that say something.
    func outcome(
        of request: HTTPRequest, _ read: (HTTPResponse) -> DispatchOutcome
    ) async -> DispatchOutcome {
        var request = request
        request.connectTimeout = min(.seconds(5), timeMax)
        request.totalTimeout = timeMax
        request.responseBytesMax = 64 << 10
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            // Only whoever asks us to come back says that nothing was done; a bare 503 can be a proxy's.
            if response.status == 429 || response.status == 503 && response.retryAfter != nil {
                return .notTaken(reason: "the gateway answered \(response.status)")
            }
            return read(response)
        } catch {
            return error.effectIsPossible ? .unknown(reason: "\(error)") : .notTaken(reason: "\(error)")
        }
    }

    /// An answer that does not say whether the message was taken.
    static func unreadable(_ response: HTTPResponse) -> DispatchOutcome {
        .unknown(reason: "the gateway answered \(response.status) without a readable body")
    }

    /// As many parts as it bills; where it says none, or what no message can be, as many as the words make.
    ///
    /// What stands in that place may be a balance, or an id.
    static func parts(_ billed: Int?, or counted: Int) -> Int {
        guard let billed, (0...1_000).contains(billed) else { return counted }
        return billed
    }

    static func decoded<Body: Decodable>(_ response: HTTPResponse, as type: Body.Type = Body.self) -> Body? {
        // What cannot be read says nothing, whatever the reason.
        try? JSONDecoder().decode(Body.self, from: Data(response.body))
    }
}

/// Texts inside other texts.
package enum Escaping {
    /// Safe inside one value of a query or a form.
    package static func percent(_ text: String) -> String { PercentCoding.encoded(text) }

    /// Names and values as a form or a query has them.
    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(percent($0.0))=\(percent($0.1))" }.joined(separator: "&")
    }

    /// Safe between the quotes of a JSON string.
    static func json(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case _ where scalar.value < 0x20:
                "\\u00" + hexadecimal([UInt8(scalar.value)], uppercase: false)
            default: String(Character(scalar))
            }
        }.joined()
    }

    /// Safe inside XML, also a sign that an accent behind it makes another character of.
    static func markup(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: String(Character(scalar))
            }
        }.joined()
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>, uppercase: Bool = false) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: uppercase) }.joined()
    }
}
