/// What was given back of a payment, in one go.
struct AlmaRefund: Sendable {
    let id: String
    let created: Int64
    let amount: Int64
    let merchantReference: String?
    let comment: String?

    var json: JSON {
        [
            "id": .text(id), "created": .integer(created), "amount": .integer(amount),
            "merchant_reference": .optional(merchantReference), "comment": .optional(comment),
        ]
    }
}

/// A purchase at the provider, from the link to the last instalment.
struct AlmaPayment: Sendable {
    enum State: String, Sendable, CaseIterable {
        case notStarted = "not_started"
        case refused = "scored_no"
        case inProgress = "in_progress"
        case paid
        case late = "late_dunning"
    }

    enum Processing: String, Sendable {
        case awaiting = "awaiting_authorization"
        case captured, canceled
    }

    enum Cancelation: String, Sendable {
        case merchant = "requested_by_merchant"
        case customer = "requested_by_customer"
        case expired
    }

    /// Why a step is not possible now.
    enum Rejection: Error, Equatable { case notPossible }

    let id: String
    let merchantID: String
    let created: Int64
    var updated: Int64
    let amount: Int64
    let plan: AlmaFeePlan
    let coversAllFees: Bool
    let expiresAt: Int64
    var details: AlmaDetails
    var terms: AlmaTerms
    var schedule: [AlmaInstalment]
    var state = State.notStarted
    var processing = Processing.awaiting
    var cancelation: Cancelation?
    var expiredAt: Int64?
    var acceptedAt: Int64?
    var refunds: [AlmaRefund] = []
    /// Whether the client's bank asks who it is, on the page: nothing else tells of it.
    var isChallenged = false

    var isOpen: Bool { state == .notStarted && processing == .awaiting }

    var isAccepted: Bool { acceptedAt != nil }

    var refunded: Int64 { refunds.reduce(0) { $0 + $1.amount } }

    /// The client was found good and the first charge made; the schedule counts from this moment.
    mutating func accept(at now: Int64) throws(Rejection) {
        guard isOpen else { throw .notPossible }
        terms = AlmaTerms(plan, amount: amount, from: now, merchantCoversAll: coversAllFees)
        schedule = terms.schedule
        acceptedAt = now
        processing = .captured
        state = .inProgress
        updated = now
        chargeWhatIsDue(at: now)
    }

    mutating func challenge(at now: Int64) throws(Rejection) {
        guard isOpen else { throw .notPossible }
        isChallenged = true
        updated = now
    }

    mutating func refuse(at now: Int64) throws(Rejection) {
        guard isOpen else { throw .notPossible }
        state = .refused
        updated = now
    }

    mutating func cancel(_ reason: Cancelation, at now: Int64) throws(Rejection) {
        guard isOpen else { throw .notPossible }
        processing = .canceled
        cancelation = reason
        if reason == .expired { expiredAt = now }
        updated = now
    }

    /// Expiry and instalments that time brought.
    mutating func advance(to now: Int64) {
        if isOpen, now >= expiresAt {
            processing = .canceled
            cancelation = .expired
            expiredAt = expiresAt
            updated = now
        }
        if state == .inProgress { chargeWhatIsDue(at: now) }
    }

    private mutating func chargeWhatIsDue(at now: Int64) {
        for index in schedule.indices where schedule[index].state == .pending && schedule[index].dueAt <= now {
            schedule[index].state = .paid
            schedule[index].paidAt = schedule[index].dueAt
            updated = now
        }
        settleIfNothingIsLeft()
    }

    private mutating func settleIfNothingIsLeft() {
        let left = schedule.filter { $0.state == .pending || $0.state == .incident }.reduce(0) { $0 + $1.total }
        if left == 0 { state = .paid }
    }

    /// What a client's bank does to one instalment: the merchant's money is the same in every case.
    mutating func settle(instalment index: Int, as state: AlmaInstalment.State, at now: Int64) throws(Rejection) {
        guard isAccepted, schedule.indices.contains(index) else { throw .notPossible }
        schedule[index].state = state
        schedule[index].paidAt = state == .paid ? now : nil
        updated = now
        self.state = schedule.contains { $0.state == .incident } ? .late : .inProgress
        settleIfNothingIsLeft()
    }

    /// Gives back to the client: first what is still to be charged, spread anew, then what was charged already.
    mutating func refund(_ refund: AlmaRefund, at now: Int64) throws(Rejection) {
        guard isAccepted, refund.amount > 0, refunded + refund.amount <= amount else { throw .notPossible }
        refunds.append(refund)
        updated = now
        let pending = schedule.indices.filter { schedule[$0].state == .pending }
        let stillDue = pending.reduce(0) { $0 + schedule[$1].purchaseAmount }
        let spared = min(refund.amount, stillDue)
        spread(stillDue - spared, over: pending)
        giveBack(refund.amount - spared)
        settleIfNothingIsLeft()
    }

    private mutating func spread(_ amount: Int64, over indices: [Int]) {
        guard !indices.isEmpty else { return }
        for (index, part) in zip(indices, Cents.split(amount, into: indices.count)) {
            schedule[index].purchaseAmount = part
        }
    }

    private mutating func giveBack(_ amount: Int64) {
        var left = amount
        for index in schedule.indices.reversed() where schedule[index].state == .paid {
            let part = min(left, schedule[index].purchaseAmount)
            schedule[index].purchaseAmount -= part
            left -= part
        }
    }
}
