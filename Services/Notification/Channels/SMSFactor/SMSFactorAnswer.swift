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
    }

    static func outcome(of response: HTTPResponse) -> DispatchOutcome {
        // A negative status is SMSFactor's own, whatever HTTP's is beside it; any other of a failure may be a proxy's.
        guard let body: Body = GatewayCall.decoded(response), response.isSuccess || body.status < 0 else {
            return GatewayCall.unreadable(response)
        }
        switch body.status {
        case 1 where (body.sent ?? 0) >= 1: return .accepted(reference: body.ticket, parts: body.cost ?? 1)
        case 1: return .refused(reason: "the gateway sent it to nobody")
        // Held for moderation: it may still leave, so it must not be repeated.
        case -8: return .unknown(reason: "held by the gateway")
        // Credentials and credits are ours to mend; the message can leave afterwards.
        case -1, -3: return .notTaken(reason: "the gateway's status is \(body.status)")
        case -99: return .unknown(reason: "the gateway's status is -99")
        default: return .refused(reason: "the gateway's status is \(body.status)")
        }
    }
}
