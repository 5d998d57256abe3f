/// Answers one call, with the faults planned for it around the honest handler.
struct FaultyCall: Sendable {
    enum Answer: Sendable {
        case reply(Reply)
        case hangUp
    }

    /// How often it is looked whether a held call was let go, ten milliseconds apart.
    private static let heldLooksMax = 30_000

    let operation: String
    let world: World
    let sender: DeliverySender

    func answer(_ call: Call, by handle: Endpoints.Handler) async -> Answer {
        let name = operation
        let faults = await world.perform { $0.faults.plan(for: name, call, random: &$0.random) }
        if let early = await before(call, faults, handle) { return early }
        let reply = await honest(call, handle)
        return await after(reply, faults)
    }

    private func honest(_ call: Call, _ handle: Endpoints.Handler) async -> Reply {
        var reply: Reply
        do {
            reply = try await handle(call, world)
        } catch let refusal as Refusal {
            reply = refusal.reply
        } catch {
            reply = .json(["error": "\(error)"], status: 500)
        }
        await sendUrgent()
        return reply
    }

    /// Notifications that must arrive before the answer does; what the receiver refuses comes again later.
    private func sendUrgent() async {
        for delivery in await world.perform({ $0.webhooks.takeUrgent() }) {
            guard await !sender.attempt(delivery) else { continue }
            await world.perform { $0.webhooks.sendLater(delivery) }
        }
    }

    /// What keeps the handler from running, or only delays it.
    private func before(_ call: Call, _ faults: [Fault], _ handle: Endpoints.Handler) async -> Answer? {
        for fault in faults {
            switch fault.kind {
            case .slow: await pause(fault.milliseconds)
            case .hold: await beHeld(by: fault.id)
            case .drop: return .hangUp
            case .status, .gatewayStatus:
                if fault.takesEffect { _ = await honest(call, handle) }
                return .reply(planted(fault))
            case .rateLimit: return .reply(Self.rateLimited(fault))
            case .redirect: return .reply(Reply(status: 302, headers: [("location", fault.location)]))
            case .slowAnswer, .holdAnswer, .loseAnswer, .malformed, .html, .wrongAmount, .alter, .hugeBody: continue
            }
        }
        return nil
    }

    private func after(_ reply: Reply, _ faults: [Fault]) async -> Answer {
        var reply = reply
        for fault in faults {
            switch fault.kind {
            case .slowAnswer: await pause(fault.milliseconds)
            case .holdAnswer: await beHeld(by: fault.id)
            case .loseAnswer: return .hangUp
            case .malformed: reply.body = Array(reply.body.prefix(max(1, reply.body.count / 2)))
            case .html: reply = .html("<html><body><h1>502 Bad Gateway</h1></body></html>", status: fault.status)
            case .wrongAmount: reply.shiftAmounts(by: fault.cents)
            case .alter: reply.setMembers(fault.members)
            case .hugeBody: reply.pad(to: fault.bytes)
            case .slow, .hold, .status, .rateLimit, .redirect, .drop, .gatewayStatus: continue
            }
        }
        return .reply(reply)
    }

    /// Waits until somebody lets the held calls go, though not for ever.
    private func beHeld(by fault: Int) async {
        for _ in 0..<Self.heldLooksMax where !Task.isCancelled {
            guard await world.perform({ $0.faults.holds(fault) }) else { return }
            await pause(10)
        }
    }

    private static func rateLimited(_ fault: Fault) -> Reply {
        var reply = Reply.json(["error_code": "too_many_requests", "message": "Too many requests"], status: 429)
        reply.headers.append(("retry-after", String(fault.retryAfterSeconds)))
        return reply
    }

    private func planted(_ fault: Fault) -> Reply {
        guard fault.kind == .status else {
            return .json(["status": .count(fault.status), "message": "Planted refusal"], status: fault.http)
        }
        var reply = Reply.json(failure(fault.status), status: fault.status)
        if fault.status == 503 { reply.headers.append(("retry-after", String(fault.retryAfterSeconds))) }
        return reply
    }
}

extension FaultyCall {
    /// A failure in the words of the one who is played.
    private func failure(_ status: Int) -> JSON {
        let message = JSON.text("Planted failure \(status)")
        if operation.hasPrefix("stripe.") {
            return ["error": ["type": status < 500 ? "invalid_request_error" : "api_error", "message": message]]
        }
        if operation.hasPrefix("paypal.") {
            let name: JSON = status < 500 ? "UNPROCESSABLE_ENTITY" : "INTERNAL_SERVER_ERROR"
            return ["name": name, "message": message, "debug_id": "f0debug00sandbox", "details": []]
        }
        return ["error_code": "generic_error", "message": message]
    }
}

/// Waits in the real world's time, which the simulated clock does not move.
func pause(_ milliseconds: Int) async {
    // A cancelled wait only ends early: the process is stopping.
    try? await Task.sleep(for: .milliseconds(milliseconds))
}

extension Reply {
    /// Changes the amounts an honest client must compare with what it asked.
    mutating func shiftAmounts(by cents: Int64) {
        guard let value = try? JSON(reading: body) else { return }
        let shifted = value.asList.map { JSON.list($0.map { $0.shiftingAmounts(by: cents) }) }
        body = (shifted ?? value.shiftingAmounts(by: cents)).shiftingMoney(by: cents).bytes
    }

    /// Sets members of the answer, or of each element where it is a list.
    mutating func setMembers(_ members: [JSON.Member]) {
        guard let value = try? JSON(reading: body) else { return }
        func altered(_ value: JSON) -> JSON {
            members.reduce(into: value) { $0.set($1.key, to: $1.value) }
        }
        body = (value.asList.map { .list($0.map(altered)) } ?? altered(value)).bytes
    }

    /// Keeps the body valid JSON but larger than any client should read.
    mutating func pad(to bytes: Int) {
        let filler = [UInt8](repeating: UInt8(ascii: " "), count: max(0, bytes - body.count))
        body = filler + body
    }
}

extension JSON {
    /// The same with its amounts changed, and those of what was given back of it.
    fileprivate func shiftingAmounts(by cents: Int64) -> JSON {
        var value = self
        for key in ["purchase_amount", "amount_total", "amount", "cost"] {
            if let amount = value[key]?.asInteger { value.set(key, to: .integer(amount + cents)) }
        }
        if let refunds = value["refunds"]?.asList {
            value.set("refunds", to: .list(refunds.map { $0.shiftingAmounts(by: cents) }))
        }
        return value
    }

    /// The same with every amount that is decimal text beside its currency changed, however deep.
    fileprivate func shiftingMoney(by cents: Int64) -> JSON {
        switch self {
        case .list(let values): return .list(values.map { $0.shiftingMoney(by: cents) })
        case .object(let members):
            if let money = Cents.read(self) { return Cents.money(money.cents + cents, money.currency) }
            return .object(members.map { JSON.Member(key: $0.key, value: $0.value.shiftingMoney(by: cents)) })
        case .null, .bool, .integer, .number, .text: return self
        }
    }
}
