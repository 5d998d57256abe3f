package import PaymentModel

/// A client's complaint about a payment at its provider, PAY-14: the money may be withheld until it ends.
package struct Dispute: Hashable, Sendable, Codable {
    /// How far it came.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nobody decided yet.
        case open
        /// The clinic keeps the money.
        case won
        /// The money is charged back.
        case lost
    }

    /// The provider's name for it.
    package let reference: String
    /// What was disputed when it was opened.
    package let amount: Money
    /// What is disputed by now of an open one, where that is more.
    package internal(set) var risenTo: Money?
    /// Why, by the provider's code.
    package let reason: String
    /// How far it came.
    package internal(set) var state: State
    /// What was charged back of a lost one; `nil` where that is what was disputed.
    package internal(set) var chargedBack: Money?
    /// Until when the clinic may answer at the provider, where it says so.
    package let respondBy: Instant?
    /// Which of several it is that the provider has by one name; `nil` for the first.
    package internal(set) var round: Int?
    /// When it became known that it ended; of an open one, that it had been lost before.
    package internal(set) var endedAt: Instant?

    /// A dispute as a provider tells of it, or as it was stored.
    package init(
        reference: String, amount: Money, reason: String, state: State, chargedBack: Money? = nil,
        respondBy: Instant? = nil
    ) {
        self.reference = reference
        self.amount = amount
        self.reason = reason
        self.state = state
        self.chargedBack = chargedBack
        self.respondBy = respondBy
    }
}

extension Payment {
    /// Records the disputes a provider lists: each is opened once and ends once, whatever an older reading says.
    ///
    /// Only a reading from after its end says that the provider takes it up again, as after an appeal.
    mutating func recordReportedDisputes(_ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        report.disputes.flatMap { recordReported($0, context) }
    }

    private mutating func recordReported(_ told: Dispute, _ context: ObservationContext) -> [PaymentFact] {
        // Of several by one name the last goes on.
        guard let index = disputes.lastIndex(where: { $0.reference == told.reference }) else {
            let facts = begin(told, context)
            guard told.amount.currency != terms.amount.currency else { return facts }
            return facts + raise(.disputeInOtherCurrency(reference: told.reference, amount: told.amount))
        }
        guard disputes[index].state == .open else {
            guard context.endedDisputes.contains(told.reference) else { return [] }
            return goOn(index, told, context)
        }
        guard told.state != .open else {
            disputes[index].rise(to: told.amount)
            return []
        }
        guard disputes[index].endedAt == nil else { return endAgain(index, told, context) }
        disputes[index].state = told.state
        disputes[index].risenTo = nil
        disputes[index].chargedBack = told.chargedBack(of: disputes[index].amount)
        disputes[index].endedAt = context.now
        return [.disputeClosed(disputes[index])]
    }

    /// One that was decided before anybody heard of it was opened all the same.
    private mutating func begin(_ told: Dispute, round: Int? = nil, _ context: ObservationContext) -> [PaymentFact] {
        var (opened, known) = (told, told)
        opened.round = round
        known.round = round
        (opened.state, opened.chargedBack) = (.open, nil)
        known.chargedBack = told.chargedBack(of: told.amount)
        if told.state != .open { known.endedAt = context.now }
        disputes.append(known)
        return [.disputeOpened(opened)] + (told.state == .open ? [] : [.disputeClosed(known)])
    }

    /// What ended is listed otherwise by a newer reading.
    ///
    /// What the clinic had won is another one to whoever heard of its end. What it had lost was charged back and stays
    /// so until a person has seen to it.
    private mutating func goOn(_ index: Int, _ told: Dispute, _ context: ObservationContext) -> [PaymentFact] {
        let ended = disputes[index]
        switch (ended.state, told.state) {
        case (.won, .open), (.won, .lost): return begin(told, round: (ended.round ?? 1) + 1, context)
        case (.lost, .open):
            disputes[index].state = .open
            disputes[index].endedAt = ended.endedAt ?? context.now
            return [.disputeReopened(disputes[index])]
        case (.lost, .won), (.lost, .lost): return endAgain(index, told, context)
        case (.won, .won), (.open, _): return []
        }
    }

    /// One that had been lost ends once more; an end that the books do not have is for a person to see to.
    private mutating func endAgain(
        _ index: Int, _ told: Dispute, _ context: ObservationContext
    ) -> [PaymentFact] {
        var facts: [PaymentFact] = []
        if disputes[index].state == .open {
            (disputes[index].state, disputes[index].risenTo) = (.lost, nil)
            disputes[index].endedAt = context.now
            facts = [.disputeStayedLost(disputes[index])]
        }
        return facts + (told.state == .won ? wonAfterAll(index, context) : lostAgain(index, context))
    }

    /// One that was lost is won; it may turn once more, so it is looked at anew from then on.
    private mutating func wonAfterAll(_ index: Int, _ context: ObservationContext) -> [PaymentFact] {
        let (won, lost) = (disputes[index].wonAfterAll, disputes[index].lostAgain)
        guard isNewsOnceWon(disputes[index]) else { return [] }
        disputes[index].endedAt = context.now
        guard alarms.contains(lost) else { return raise(won) }
        // Nobody has charged it back a second time: the books are right as they are.
        alarms.removeAll { $0 == lost }
        noted.append(won)
        return []
    }

    /// One that was won after all is lost once more: for a person to see to where the books were set right already.
    private mutating func lostAgain(_ index: Int, _ context: ObservationContext) -> [PaymentFact] {
        guard isToldAsWon(disputes[index]) else { return [] }
        let won = disputes[index].wonAfterAll
        disputes[index].endedAt = context.now
        let wasSetRight = noted.contains(won)
        // Should it be won another time, that is news.
        alarms.removeAll { $0 == won }
        noted.removeAll { $0 == won }
        return wasSetRight ? raise(disputes[index].lostAgain) : []
    }

    /// The provider's names of disputes that have ended, as far as is known.
    package var endedDisputes: Set<String> {
        Set(disputes.map(\.reference)).subtracting(disputes.filter { $0.state == .open }.map(\.reference))
    }

    /// Whether a report has a dispute otherwise than it ended: one that was read before its end may.
    package func takesUpDispute(_ report: ProviderReport) -> Bool {
        report.disputes.contains { told in
            guard let known = disputes.last(where: { $0.reference == told.reference }) else { return false }
            switch (known.state, told.state) {
            case (.open, _), (.won, .won): return false
            case (.won, _), (.lost, .open): return true
            case (.lost, .won): return isNewsOnceWon(known)
            case (.lost, .lost): return isToldAsWon(known)
            }
        }
    }

    /// Whether a person was told already that what was lost is won after all: it stays listed so.
    private func isToldAsWon(_ lost: Dispute) -> Bool {
        alarms.contains(lost.wonAfterAll) || noted.contains(lost.wonAfterAll)
    }

    /// Whether a person is to be told once what was lost is won.
    ///
    /// Where the charge-back took nothing, the books have nothing that is to be set right.
    private func isNewsOnceWon(_ lost: Dispute) -> Bool { !lost.taken.isZero && !isToldAsWon(lost) }

    /// What is withheld or charged back: it cannot be given back a second time.
    var disputed: Int64 {
        disputes.filter { $0.state != .won }.reduce(Int64(0)) { $0 + $1.taken.minorUnits }
    }
}

extension Dispute {
    /// What others know it by: one that is taken up again is another to them.
    package var name: String { round.map { "\(reference)/\($0)" } ?? reference }

    /// When it is looked at whether the provider takes it up again, of which one notification tells.
    var looks: [Instant] {
        guard state != .open, let endedAt else { return [] }
        return [1, 7, 30].map { endedAt.adding(.seconds($0 * 86_400)) }
    }

    /// That what was lost is won after all.
    fileprivate var wonAfterAll: Alarm { .disputeWon(reference: reference, amount: taken) }

    /// That what was won after all is lost once more.
    fileprivate var lostAgain: Alarm { .disputeLostAgain(reference: reference, amount: taken) }

    /// What it takes as far as anybody knows.
    fileprivate var taken: Money { chargedBack ?? risenTo ?? amount }

    /// An older reading lowers nothing: what an end takes of a claim is known at its end.
    fileprivate mutating func rise(to claimed: Money) {
        guard claimed.currency == amount.currency, claimed.minorUnits > taken.minorUnits else { return }
        risenTo = claimed
    }

    /// What its end takes where it is not what was disputed: a claim may change until then, or be granted in part.
    fileprivate func chargedBack(of disputed: Money) -> Money? {
        let taken = chargedBack ?? amount
        guard state == .lost, taken.currency == disputed.currency, !taken.isNegative else { return nil }
        return taken == disputed ? nil : taken
    }
}
