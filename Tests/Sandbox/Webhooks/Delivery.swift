/// Who is told: each simulated API has its own kinds of notification.
enum WebhookChannel: String, Sendable, CaseIterable {
    case almaIPN = "alma-ipn"
    case stripeEvent = "stripe-event"
    case paypalEvent = "paypal-event"
    case smsReceipt = "sms-receipt"
    case smsStop = "sms-stop"
    case gatewayReceipt = "gateway-receipt"
}

/// A request the sandbox makes to the system under test.
struct OutgoingRequest: Sendable {
    let method: String
    let url: String
    var headers: [(name: String, value: String)]
    let body: [UInt8]?
}

/// One notification on its way, with its retries.
struct Delivery: Sendable {
    let id: Int
    /// Which story it belongs to; a reset ends one, and its notifications with it.
    let story: Int
    let channel: WebhookChannel
    /// The payment or message it tells of.
    let subject: String
    var request: OutgoingRequest
    /// Header that carries the signature, to be spoilt on demand.
    let signatureHeader: String
    var delayMilliseconds: Int
    let attemptsMax: Int
    let retryMilliseconds: Int
}

/// What came of one attempt.
enum DeliveryResult: Sendable {
    case answered(Int)
    case failed(String)

    var isAccepted: Bool {
        guard case .answered(let status) = self else { return false }
        return (200..<300).contains(status)
    }

    var text: String {
        switch self {
        case .answered(let status): String(status)
        case .failed(let reason): reason
        }
    }
}

/// How fast notifications leave and come again; a test wants milliseconds where the real ones take minutes.
struct WebhookPace: Sendable {
    var delayMilliseconds: Int
    var retryMilliseconds: Int
    var attemptsMax: Int
}
