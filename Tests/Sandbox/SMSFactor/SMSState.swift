/// Everything the simulated gateway knows.
struct SMSState: Sendable {
    private(set) var accounts: [String: SMSAccount] = [:]
    private(set) var messages: [SMSMessage] = []
    private(set) var blacklist: Set<String> = []
    /// Planted receipts by number; delivered (3) for the rest.
    private var outcomes: [String: Int] = [:]
    /// Planted reasons for leaving a number out, such as "flood".
    private var discards: [String: String] = [:]
    var signatureMode = SMSSignatureMode.hmac
    /// Time from sending to the receipt.
    var receiptDelayMilliseconds = 50
    private var lastTicket = 14_672_467
    private var lastWebhook = 0

    mutating func put(token: String, credits: Int) {
        accounts[token, default: SMSAccount(token: token, credits: 0)].credits = credits
    }

    mutating func addWebhook(type: String, url: String, signature: String?, to token: String) -> SMSWebhook {
        lastWebhook += 1
        let webhook = SMSWebhook(id: lastWebhook, type: type, url: url, signature: signature)
        accounts[token]?.webhooks.append(webhook)
        return webhook
    }

    mutating func removeWebhook(_ id: Int, of token: String) {
        accounts[token]?.webhooks.removeAll { $0.id == id }
    }

    mutating func plant(outcome: Int?, for number: String) { outcomes[number] = outcome }

    mutating func plant(discard: String?, for number: String) { discards[number] = discard }

    mutating func optOut(_ number: String) { blacklist.insert(number) }

    func outcome(for number: String) -> Int { outcomes[number] ?? 3 }

    func webhooks(_ type: String, of token: String) -> [SMSWebhook] {
        (accounts[token]?.webhooks ?? []).filter { $0.type == type }
    }

    /// Takes a sending: the same one twice is two messages, as at the real gateway.
    mutating func send(
        _ request: SMSRequest, token: String, isSimulation: Bool, at now: Int64
    ) throws(SMSRefusal) -> (tally: SMSTally, sent: [SMSMessage]) {
        guard let account = accounts[token] else { throw SMSRefusal(status: -1, message: "Authentication error") }
        try request.check()
        lastTicket += 1
        var tally = SMSTally(ticket: String(lastTicket), total: request.recipients.count)
        var sent: [SMSMessage] = []
        for recipient in request.recipients {
            guard tally.admit(recipient.number, already: sent, blacklist: blacklist, discards: discards) else {
                continue
            }
            sent.append(message(request, recipient, token: token, ticket: tally.ticket, at: now))
        }
        tally.cost = sent.reduce(0) { $0 + $1.parts }
        guard tally.cost <= account.credits else { throw SMSRefusal(status: -3, message: "Not enough credits") }
        tally.credits = account.credits
        guard !isSimulation else { return (tally, []) }
        tally.credits -= tally.cost
        accounts[token]?.credits = tally.credits
        messages.append(contentsOf: sent)
        return (tally, sent)
    }

    private func message(
        _ request: SMSRequest, _ recipient: SMSRequest.Recipient, token: String, ticket: String, at now: Int64
    ) -> SMSMessage {
        SMSMessage(
            ticket: ticket, token: token, reference: recipient.reference, to: recipient.number, text: request.text,
            shown: SMSSegments.delivered(request.said, isUnicode: request.isUnicode), sender: request.sender,
            pushType: request.pushType, delay: request.delay,
            parts: SMSSegments.count(request.said, isUnicode: request.isUnicode), sentAt: now)
    }

    mutating func recordReceipt(_ status: Int, of message: SMSMessage) {
        let index = messages.lastIndex { $0.ticket == message.ticket && $0.to == message.to }
        if let index { messages[index].receipt = status }
    }

    mutating func cancel(ticket: String) { messages.removeAll { $0.ticket == ticket && $0.delay != nil } }

    mutating func forgetMessages() {
        let kept = accounts
        let mode = signatureMode
        self = SMSState()
        accounts = kept
        signatureMode = mode
    }
}

/// The figures of a sending's answer.
struct SMSTally: Sendable {
    let ticket: String
    let total: Int
    var cost = 0
    var credits = 0
    var sent = 0
    /// How many were left out, by why.
    var discarded: [String: Int] = [:]

    init(ticket: String, total: Int) {
        self.ticket = ticket
        self.total = total
    }

    /// Counts the number where it belongs; true when it is sent to.
    mutating func admit(
        _ number: String, already: [SMSMessage], blacklist: Set<String>, discards: [String: String]
    ) -> Bool {
        let isNumber = (8...15).contains(number.utf8.count) && number.utf8.allSatisfy { (48...57).contains($0) }
        let isInvalid = !isNumber || number.hasPrefix("0")
        let isTwice = already.contains { $0.to == number }
        let planted = blacklist.contains(number) ? "blacklisted" : isTwice ? "duplicated" : discards[number]
        guard let why = isInvalid ? "invalid" : planted else {
            sent += 1
            return true
        }
        discarded[why, default: 0] += 1
        return false
    }

    private func left(_ why: String) -> JSON { .count(discarded[why, default: 0]) }

    var json: JSON {
        [
            "status": 1, "message": "OK", "ticket": .text(ticket), "cost": .count(cost), "credits": .count(credits),
            "total": .count(total), "sent": .count(sent), "blacklisted": left("blacklisted"),
            "duplicated": left("duplicated"), "npai": left("npai"), "invalid": left("invalid"),
            "not_allowed": left("not_allowed"), "flood": left("flood"), "country_limit": left("country_limit"),
        ]
    }
}
