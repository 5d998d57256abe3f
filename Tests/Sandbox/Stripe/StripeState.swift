/// Everything the simulated Stripe knows.
struct StripeState: Sendable {
    private(set) var accounts: [String: StripeAccount] = [:]
    var sessions: [String: StripeSession] = [:]
    /// Newest last, per account.
    private(set) var order: [String: [String]] = [:]
    var intents: [String: StripeIntent] = [:]
    var refunds: [StripeRefund] = []
    var disputes: [StripeDispute] = []
    var ledger = StripeLedger()
    var idempotency = StripeIdempotency()
    private var lastExpiry: Int64 = .min

    mutating func put(_ account: StripeAccount) { accounts[account.id] = account }

    func account(key: String) -> StripeAccount? { accounts.values.first { $0.apiKey == key } }

    mutating func add(_ session: StripeSession) {
        sessions[session.id] = session
        order[session.accountID, default: []].append(session.id)
    }

    func session(_ id: String, of account: StripeAccount) throws -> StripeSession {
        guard let session = sessions[id], session.accountID == account.id else {
            throw StripeError.unknown("checkout.session", id)
        }
        return session
    }

    func intent(_ id: String, of account: StripeAccount) throws -> StripeIntent {
        guard let intent = intents[id], intent.accountID == account.id else {
            throw StripeError.unknown("payment_intent", id)
        }
        return intent
    }

    /// Newest first, as Stripe lists them.
    func sessions(of account: StripeAccount) -> [StripeSession] {
        (order[account.id] ?? []).reversed().compactMap { sessions[$0] }
    }

    func isPaid(_ session: StripeSession) -> Bool {
        session.intentID.flatMap { intents[$0] }?.status == .succeeded
    }

    /// Sessions whose time is over, looked for once a second at most; answers them so that their events can be sent.
    mutating func expire(at now: Int64) -> [StripeSession] {
        guard now != lastExpiry else { return [] }
        lastExpiry = now
        let over = sessions.values.filter { $0.status == .open && $0.expiresAt <= now }
        for session in over { sessions[session.id]?.status = .expired }
        return over.compactMap { sessions[$0.id] }
    }

    mutating func forgetPayments() {
        let kept = accounts
        self = StripeState()
        accounts = kept
    }
}

/// First answers by idempotency key, kept for a day.
struct StripeIdempotency: Sendable {
    private struct Remembered: Sendable {
        let request: String
        let reply: Reply
        let at: Int64
    }

    private var answers: [String: Remembered] = [:]

    /// The first answer to the same request; the same key with other parameters is refused.
    func replay(_ key: String, _ request: String, at now: Int64) throws -> Reply? {
        guard let known = answers[key], now - known.at < 86_400 else { return nil }
        guard known.request == request else {
            throw StripeError.make(
                type: "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters they were first used with.")
        }
        var reply = known.reply
        reply.headers.append(("idempotent-replayed", "true"))
        return reply
    }

    mutating func remember(_ key: String, _ request: String, _ reply: Reply, at now: Int64) {
        answers[key] = Remembered(request: request, reply: reply, at: now)
    }
}
