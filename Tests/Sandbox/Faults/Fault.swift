/// One way an operation goes wrong.
struct Fault: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Waits before anything happens.
        case slow
        /// Waits after the effect, before the answer.
        case slowAnswer = "slow-answer"
        /// Waits until it is let go, before anything happens.
        case hold
        /// Waits until it is let go, after the effect and before the answer.
        case holdAnswer = "hold-answer"
        /// Answers this status; nothing happens, unless the fault takes effect.
        case status
        /// Answers 429 with Retry-After; nothing happens.
        case rateLimit = "rate-limit"
        /// Ends the connection; nothing happens.
        case drop
        /// Ends the connection after the effect.
        case loseAnswer = "lose-answer"
        /// Answers half of the JSON after the effect.
        case malformed
        /// Answers a page of a proxy after the effect.
        case html
        /// Adds to the amounts of the answer.
        case wrongAmount = "wrong-amount"
        /// Sets members of the answer, for states and values a client has never seen.
        case alter
        /// Pads the answer.
        case hugeBody = "huge-body"
        /// Sends the client elsewhere; nothing happens.
        case redirect
        /// Answers HTTP 200, or another, with one of the SMS gateway's negative statuses.
        case gatewayStatus = "gateway-status"
    }

    let id: Int
    let kind: Kind
    /// "alma.create-payment", "alma.*" or "*".
    let operation: String
    /// Calls let through before the fault begins.
    var skip: Int
    /// Calls it spoils; nil until it is removed.
    var remaining: Int?
    /// Chance in percent that a call it could spoil is spoilt.
    let percent: Int
    let milliseconds: Int
    let status: Int
    /// Beside a status of the SMS gateway: HTTP's.
    let http: Int
    let retryAfterSeconds: Int
    let cents: Int64
    let bytes: Int
    /// For a status: whether the effect happens all the same.
    let takesEffect: Bool
    /// Where a redirect leads.
    let location: String
    /// Only calls whose path or body has this text, such as one client's number.
    let containing: String?
    /// For an altered answer: what its members become.
    let members: [JSON.Member]

    /// The control API is spoilt by its own name only, so that a test can always take its faults back.
    func concerns(_ name: String, _ call: Call) -> Bool {
        if let containing, !call.contains(containing) { return false }
        if operation == name { return true }
        return operation.hasSuffix("*") && name.hasPrefix(operation.dropLast()) && !name.hasPrefix("control.")
    }
}

extension Fault {
    init(id: Int, _ json: JSON) throws {
        guard let kind = json["kind"]?.asText.flatMap(Kind.init(rawValue:)) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal.control("'kind' must be one of: \(known)")
        }
        guard let operation = json["operation"]?.asText else {
            throw Refusal.control("'operation' is missing: for example alma.create-payment, smsfactor.* or *")
        }
        self.id = id
        self.kind = kind
        self.operation = operation
        skip = json.whole("skip") ?? 0
        remaining = json.given("times") == nil ? 1 : json.whole("times").flatMap { $0 == 0 ? nil : $0 }
        percent = json.whole("percent") ?? 100
        milliseconds = json.whole("milliseconds") ?? 1_000
        status = json.whole("status") ?? (kind == .gatewayStatus ? -99 : kind == .html ? 502 : 500)
        http = json.whole("http") ?? 200
        retryAfterSeconds = json.whole("retryAfterSeconds") ?? 1
        cents = json["cents"]?.asInteger ?? 1
        bytes = json.whole("bytes") ?? 32 * 1024 * 1024
        location = json["location"]?.asText ?? "http://169.254.169.254/latest/meta-data/"
        takesEffect = json["takesEffect"]?.asBool ?? false
        containing = json.given("containing")?.asText
        if case .object(let members)? = json["members"] { self.members = members } else { members = [] }
    }

    var json: JSON {
        [
            "id": .count(id), "kind": .text(kind.rawValue), "operation": .text(operation), "skip": .count(skip),
            "remaining": .optional(remaining.map { Int64($0) }), "percent": .count(percent),
            "containing": .optional(containing),
        ]
    }
}

extension JSON {
    func whole(_ key: String) -> Int? { self[key]?.asInteger.flatMap { Int(exactly: $0) } }
}
