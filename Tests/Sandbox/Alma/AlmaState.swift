/// Everything the simulated provider knows.
struct AlmaState: Sendable {
    private(set) var accounts: [String: AlmaAccount] = [:]
    private(set) var payments: [String: AlmaPayment] = [:]
    /// Newest last, per merchant.
    private(set) var order: [String: [String]] = [:]
    var ledger = AlmaLedger()
    var exports = AlmaExports()
    /// Payments that time can still change, so that catching up costs nothing for the rest.
    private var moving: Set<String> = []
    private var lastAdvance: Int64 = .min

    // MARK: Accounts

    mutating func put(_ account: AlmaAccount) { accounts[account.merchantID] = account }

    func account(key: String) -> AlmaAccount? { accounts.values.first { $0.apiKey == key } }

    func account(of payment: AlmaPayment) -> AlmaAccount? { accounts[payment.merchantID] }

    // MARK: Payments

    mutating func add(_ payment: AlmaPayment) {
        payments[payment.id] = payment
        order[payment.merchantID, default: []].append(payment.id)
        moving.insert(payment.id)
    }

    func payment(_ id: String, of account: AlmaAccount) throws -> AlmaPayment {
        guard let payment = payments[id], payment.merchantID == account.merchantID else { throw AlmaError.unknown }
        return payment
    }

    /// Newest first, as the provider lists them.
    func payments(of merchantID: String) -> [AlmaPayment] {
        (order[merchantID] ?? []).reversed().compactMap { payments[$0] }
    }

    /// The newest that fit, after one of them; stops looking once there are enough.
    func payments(
        of merchantID: String, after id: String?, limit: Int, where fits: (AlmaPayment) -> Bool
    ) -> [AlmaPayment] {
        var ids = (order[merchantID] ?? []).reversed()[...]
        if let id, let index = ids.firstIndex(of: id) { ids = ids[ids.index(after: index)...] }
        var found: [AlmaPayment] = []
        for id in ids where found.count < limit {
            if let payment = payments[id], fits(payment) { found.append(payment) }
        }
        return found
    }

    /// Changes one payment and books what the change means for the merchant's balance.
    mutating func change(
        _ id: String, random: inout Randomness, at now: Int64, _ body: (inout AlmaPayment) throws -> Void
    ) throws {
        guard var payment = payments[id] else { throw AlmaError.unknown }
        let before = payment
        try body(&payment)
        payments[id] = payment
        if payment.isAccepted, !before.isAccepted {
            ledger.bookAcceptance(of: payment, random: &random, at: now)
        }
        for refund in payment.refunds.dropFirst(before.refunds.count) {
            ledger.book(refund, of: payment, random: &random, at: now)
        }
    }

    /// Once a second at most, since nothing the clock does is finer.
    mutating func advance(to now: Int64) {
        guard now != lastAdvance else { return }
        lastAdvance = now
        for id in moving {
            payments[id]?.advance(to: now)
            let isAtRest = payments[id].map { $0.state == .paid || $0.state == .refused || $0.processing == .canceled }
            if isAtRest ?? true { moving.remove(id) }
        }
    }

    mutating func forgetPayments() {
        let kept = accounts
        self = AlmaState()
        accounts = kept
    }
}
