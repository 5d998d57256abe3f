/// What a test planted for the next notifications of a channel.
struct WebhookRule: Sendable {
    enum Behaviour: String, Sendable, CaseIterable {
        case twice, late, never, reordered
        case wrongSignature = "wrong-signature"
        case noSignature = "no-signature"
        case beforeAnswer = "before-answer"
    }

    let behaviour: Behaviour
    let channel: WebhookChannel?
    var remaining: Int?
    let milliseconds: Int

    init(_ json: JSON) throws {
        guard let behaviour = json["behaviour"]?.asText.flatMap(Behaviour.init(rawValue:)) else {
            let known = Behaviour.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal.control("'behaviour' must be one of: \(known)")
        }
        self.behaviour = behaviour
        if let name = json.given("channel")?.asText {
            guard let channel = WebhookChannel(rawValue: name) else {
                let known = WebhookChannel.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.control("'channel' must be one of: \(known)")
            }
            self.channel = channel
        } else {
            channel = nil
        }
        remaining = json.given("times") == nil ? 1 : json.whole("times").flatMap { $0 == 0 ? nil : $0 }
        milliseconds = json.whole("milliseconds") ?? 1_000
    }
}

/// Notifications: which are due, which are held back, and what came of each.
struct WebhookBook: Sendable {
    struct Record: Sendable {
        let id: Int
        let channel: WebhookChannel
        let subject: String
        let url: String
        var note: String
        var attempts: [DeliveryResult] = []
    }

    /// Enough for a day of a large chain; older records are dropped so that memory stays bounded.
    static let recordsMax = 20_000

    var pace: WebhookPace
    private(set) var records: [Int: Record] = [:]
    private var rules: [WebhookRule] = []
    private var due: [Delivery] = []
    private var urgent: [Delivery] = []
    private var held: [Delivery] = []
    private var lastID = 0
    private var story = 0

    init(pace: WebhookPace) { self.pace = pace }

    mutating func plant(_ json: JSON) throws { rules.append(try WebhookRule(json)) }

    mutating func removeRules() { rules = [] }

    /// Ends the story; what still waits to be sent or sent again is not.
    mutating func forget() {
        story += 1
        (records, rules, due, urgent, held) = ([:], [], [], [], [])
    }

    func isWanted(_ delivery: Delivery) -> Bool { delivery.story == story }

    /// Lets a notification leave as the next rule for its channel says.
    mutating func send(
        _ channel: WebhookChannel, about subject: String, _ request: OutgoingRequest, signatureHeader: String,
        delayMilliseconds: Int? = nil
    ) {
        lastID += 1
        var delivery = Delivery(
            id: lastID, story: story, channel: channel, subject: subject, request: request,
            signatureHeader: signatureHeader,
            delayMilliseconds: delayMilliseconds ?? pace.delayMilliseconds, attemptsMax: pace.attemptsMax,
            retryMilliseconds: pace.retryMilliseconds)
        let rule = nextRule(for: channel)
        record(delivery, note: rule?.behaviour.rawValue ?? "")
        let waiting = takeHeld(channel)
        place(&delivery, by: rule)
        due.append(contentsOf: waiting)
    }

    private mutating func place(_ delivery: inout Delivery, by rule: WebhookRule?) {
        switch rule?.behaviour {
        case nil: due.append(delivery)
        case .twice: due.append(contentsOf: [delivery, delivery])
        case .late:
            delivery.delayMilliseconds = rule?.milliseconds ?? 0
            due.append(delivery)
        case .never: break
        case .reordered: held.append(delivery)
        case .wrongSignature:
            delivery.spoilSignature()
            due.append(delivery)
        case .noSignature:
            delivery.request.headers.removeAll { $0.name == delivery.signatureHeader }
            due.append(delivery)
        case .beforeAnswer:
            delivery.delayMilliseconds = 0
            urgent.append(delivery)
        }
    }

    private mutating func nextRule(for channel: WebhookChannel) -> WebhookRule? {
        guard let index = rules.firstIndex(where: { $0.channel == nil || $0.channel == channel }) else { return nil }
        let rule = rules[index]
        rules[index].remaining = rule.remaining.map { $0 - 1 }
        if rules[index].remaining == 0 { rules.remove(at: index) }
        return rule
    }

    /// What was held back for this channel leaves right after the notification that overtook it.
    private mutating func takeHeld(_ channel: WebhookChannel) -> [Delivery] {
        var waiting = held.filter { $0.channel == channel }
        held.removeAll { $0.channel == channel }
        for index in waiting.indices { waiting[index].delayMilliseconds = pace.delayMilliseconds + 100 }
        return waiting
    }

    mutating func releaseHeld() {
        due.append(contentsOf: held)
        held = []
    }

    mutating func sendLater(_ delivery: Delivery) {
        var delivery = delivery
        delivery.delayMilliseconds = delivery.retryMilliseconds
        due.append(delivery)
    }

    mutating func takeDue() -> [Delivery] {
        defer { due = [] }
        return due
    }

    mutating func takeUrgent() -> [Delivery] {
        defer { urgent = [] }
        return urgent
    }

    private mutating func record(_ delivery: Delivery, note: String) {
        records[delivery.id] = Record(
            id: delivery.id, channel: delivery.channel, subject: delivery.subject, url: delivery.request.url,
            note: note)
        if records.count > Self.recordsMax { records[delivery.id - Self.recordsMax] = nil }
    }

    mutating func attempted(_ id: Int, _ result: DeliveryResult) { records[id]?.attempts.append(result) }
}

extension Delivery {
    /// Keeps the form of the signature, so that only a real check can notice.
    fileprivate mutating func spoilSignature() {
        for index in request.headers.indices where request.headers[index].name == signatureHeader {
            request.headers[index].value = String(request.headers[index].value.reversed())
        }
    }
}

extension WebhookBook.Record {
    var json: JSON {
        [
            "id": .count(id), "channel": .text(channel.rawValue), "subject": .text(subject), "url": .text(url),
            "note": .text(note), "attempts": .list(attempts.map { .text($0.text) }),
            "accepted": .bool(attempts.contains { $0.isAccepted }),
        ]
    }
}
