/// One text a gateway took.
struct GatewayMessage: Sendable {
    let gateway: String
    let reference: String
    let to: String
    let text: String
    let sender: String
    let isUnicode: Bool
    /// For how long it is tried to reach the phone; nil: for two days.
    let validMinutes: Int?

    var parts: Int { SMSSegments.count(text, isUnicode: isUnicode) }

    /// With what becomes of it.
    func json(_ verdict: String) -> JSON {
        [
            "gateway": .text(gateway), "reference": .text(reference), "to": .text(to), "text": .text(text),
            "shown": .text(SMSSegments.delivered(text, isUnicode: isUnicode)), "sender": .text(sender),
            "parts": .count(parts), "verdict": .text(verdict),
            "validMinutes": .optional(validMinutes.map { Int64($0) }),
        ]
    }
}

/// One text a phone wrote to a number of a gateway that keeps it.
struct GatewayIncoming: Sendable {
    let id: Int64
    let from: String
    let text: String
    let at: Int64
}

/// What the gateways beside SMSFactor know: their customers, what they took, and what becomes of it.
struct GatewayState: Sendable {
    /// The credentials of one customer of each, by the gateway's name; `url` is where receipts go.
    private(set) var accounts: [String: [String: String]] = [:]
    private(set) var messages: [GatewayMessage] = []
    /// Planted verdicts by number; delivered for the rest, and nothing for "none".
    ///
    /// A phone that is "off" is so for an hour: what is good for less does not arrive.
    private var verdicts: [String: String] = [:]
    private var lastReference = 10_000
    /// What phones wrote to numbers of the account at OVHcloud, and the numbers that said STOP to its own.
    private(set) var incoming: [GatewayIncoming] = []
    private(set) var stopped: [String] = []

    mutating func put(_ gateway: String, _ credentials: [String: String]) { accounts[gateway] = credentials }

    mutating func plant(_ verdict: String, for number: String) { verdicts[digits(number)] = verdict }

    func verdict(for number: String) -> String { verdicts[digits(number)] ?? "delivered" }

    /// What becomes of a message that was taken.
    func verdict(of message: GatewayMessage) -> String {
        let planted = verdict(for: message.to)
        guard planted == "off" else { return planted }
        return (message.validMinutes ?? 2_880) < 60 ? "undelivered" : "delivered"
    }

    mutating func hear(_ text: String, from number: String, at time: Int64) {
        lastReference += 1
        incoming.append(GatewayIncoming(id: Int64(lastReference), from: number, text: text, at: time))
    }

    mutating func stop(_ number: String) { stopped.append(number) }

    func credential(_ gateway: String, _ name: String) -> String { accounts[gateway]?[name] ?? "" }

    /// The same message twice is two messages, as at the real gateways.
    mutating func take(
        _ gateway: String, to: String, text: String, sender: String, isUnicode: Bool, validMinutes: Int?
    ) -> GatewayMessage {
        lastReference += 1
        let prefix = ["described": "d", "kannel": "k", "twilio": "SM"][gateway] ?? ""
        let message = GatewayMessage(
            gateway: gateway, reference: "\(prefix)\(lastReference)", to: to, text: text, sender: sender,
            isUnicode: isUnicode, validMinutes: validMinutes)
        messages.append(message)
        return message
    }

    /// A number of a phone: with or without a plus sign, 8 to 15 digits, none of them a leading zero.
    static func isNumber(_ text: String) -> Bool {
        let digits = text.drop { $0 == "+" }.utf8
        return (8...15).contains(digits.count) && digits.allSatisfy { (48...57).contains($0) } && digits.first != 48
    }

    private func digits(_ number: String) -> String { number.filter(\.isNumber) }
}

extension WorldState {
    /// A gateway's receipt about a message, if it has something to say.
    mutating func pushReceipt(of message: GatewayMessage, _ request: (String) -> OutgoingRequest?, header: String = "")
    {
        let verdict = gateways.verdict(of: message)
        guard verdict != "none", let request = request(verdict) else { return }
        webhooks.send(
            .gatewayReceipt, about: message.reference, request, signatureHeader: header, delayMilliseconds: 30)
    }
}

extension Call {
    /// The fields of a form.
    func form() -> [(name: String, value: String)] {
        String(decoding: body, as: UTF8.self).split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(halves[0]).formDecoded, halves.count > 1 ? String(halves[1]).formDecoded : "")
        }
    }
}
