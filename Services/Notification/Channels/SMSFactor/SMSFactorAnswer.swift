import HTTPClient
import NotificationDomain

/// What SMSFactor's answers mean; refusals come with HTTP 200, as a rule, and a negative status.
enum SMSFactorAnswer {
    private struct Body: Decodable {
        let status: Int
        let message: String?
        let ticket: String?
        let cost: Int?
        let sent: Int?
        let invalid: Int?
        let npai: Int?
        let duplicated: Int?
        let blacklisted: Int?
        let not_allowed: Int?
        let flood: Int?
        let country_limit: Int?

        /// Why it was sent to nobody; nil where none of the figures says.
        var left: String? {
            let figures = [
                ("invalid", invalid), ("npai", npai), ("duplicated", duplicated), ("blacklisted", blacklisted),
                ("not_allowed", not_allowed), ("flood", flood), ("country_limit", country_limit),
            ]
            return figures.first { ($0.1 ?? 0) > 0 }?.0
        }
    }

    /// `parts` are those the words make.
    static func outcome(of response: HTTPResponse, parts: Int, isMarketing: Bool) -> DispatchOutcome {
        // A negative status is SMSFactor's own, whatever HTTP's is beside it; any other of a failure may be a proxy's.
        guard let body: Body = GatewayCall.decoded(response), response.isSuccess || body.status < 0 else {
            return GatewayCall.unreadable(response)
        }
        switch body.status {
        case 1 where (body.sent ?? 0) >= 1:
            return .accepted(reference: body.ticket, parts: GatewayCall.parts(body.cost, or: parts))
        case 1 where body.sent == nil: return .unknown(reason: "the gateway does not say whether it sent it")
        case 1: return sentToNobody(because: body.left, isMarketing)
        // Held for moderation: it may still leave, so it must not be repeated.
        case -8: return .unknown(reason: "held by the gateway")
        // Credentials and credits are ours to mend; the message can leave afterwards.
        case -1, -3: return .notTaken(reason: "the gateway's status is \(body.status)")
        // Its own word for not knowing, and what is in none of its pages: refusals are negative.
        case -99, 0...: return .unknown(reason: "the gateway's status is \(body.status)")
        default: return .refused(reason: "the gateway's status is \(body.status)")
        }
    }

    /// Nobody had it: another gateway may bring it, but for a number that is none, what was sent before, and an
    /// advertisement to who said STOP, or for a reason nobody knows.
    private static func sentToNobody(because left: String?, _ isMarketing: Bool) -> DispatchOutcome {
        let reason = "the gateway sent it to nobody" + (left.map { ": \($0)" } ?? "")
        switch left {
        case "invalid", "npai", "duplicated": return .refused(reason: reason)
        case "blacklisted" where isMarketing, nil where isMarketing: return .refused(reason: reason)
        default: return .barred(reason: reason)
        }
    }
}
