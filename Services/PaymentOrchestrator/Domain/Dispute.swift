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
    mutating func recordReportedDisputes(_ report: ProviderReport) -> [PaymentFact] {
        report.disputes.flatMap { recordReported($0) }
    }

    private mutating func recordReported(_ told: Dispute) -> [PaymentFact] {
        guard let index = disputes.firstIndex(where: { $0.reference == told.reference }) else {
            var (opened, known) = (told, told)
            (opened.state, opened.chargedBack) = (.open, nil)
            known.chargedBack = told.chargedBack(of: told.amount)
            disputes.append(known)
            // One that was decided before anybody heard of it was opened all the same.
            let facts: [PaymentFact] = [.disputeOpened(opened)] + (told.state == .open ? [] : [.disputeClosed(known)])
            guard told.amount.currency != terms.amount.currency else { return facts }
            return facts + raise(.disputeInOtherCurrency(reference: told.reference, amount: told.amount))
        }
        guard disputes[index].state == .open else { return [] }
        guard told.state != .open else {
            disputes[index].rise(to: told.amount)
            return []
        }
        disputes[index].state = told.state
        disputes[index].risenTo = nil
        disputes[index].chargedBack = told.chargedBack(of: disputes[index].amount)
        return [.disputeClosed(disputes[index])]
    }

    /// What is withheld or charged back: it cannot be given back a second time.
    var disputed: Int64 {
        disputes.filter { $0.state != .won }.reduce(Int64(0)) { $0 + $1.taken.minorUnits }
    }
}

extension Dispute {
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
