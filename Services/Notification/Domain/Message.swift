package import PaymentModel

/// What a message is about.
package enum Occasion: String, Hashable, Sendable, CaseIterable {
    case paymentLink = "payment-link"
    case paymentAccepted = "payment-accepted"
    case paymentRefused = "payment-refused"
    case paymentCancelled = "payment-cancelled"
    case refund
    /// The link again, on a day somebody chose.
    case paymentReminder = "payment-reminder"
    /// Two days before a debit.
    case debitNotice = "debit-notice"
    /// The digits a client reads out at the desk.
    case verificationCode = "verification-code"
    /// An issued invoice, with its document.
    case invoice
    /// The invoice once more, since it can be paid by a link now.
    case invoiceLink = "invoice-link"
    case creditNote = "credit-note"
    /// Money was received, with its document.
    case receipt
    /// A part of a quote is to be paid before the rest.
    case depositRequest = "deposit-request"
    /// A debt is late by a level of dunning.
    case overdue
    /// One of many with the same text.
    case campaign
}

/// How a message travels.
package enum Channel: String, Hashable, Sendable, CaseIterable {
    case sms, email
}

/// Whether the law on marketing holds for a message (NOT-9).
package enum Purpose: String, Hashable, Sendable, CaseIterable {
    case transactional, marketing
}

/// Which queue a message waits in; a payment link never waits behind a campaign.
package enum Lane: String, Hashable, Sendable, CaseIterable {
    case urgent, normal, bulk
}

/// One message to one recipient; it reaches the gateway at most once unless the gateway is known not to have had it.
package struct Message: Hashable, Sendable {
    /// Where the message is.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Asked for by a fact; its text and address are not there yet.
        case requested
        /// Complete, waiting for a worker.
        case ready
        /// A worker is calling the gateway; if it dies here nobody knows whether the message left.
        case claimed
        case sent, delivered, failed
        /// The gateway did not answer: the message may have left, so it is asked about and never just repeated.
        case uncertain
        /// No longer wanted before it left.
        case calledOff = "called-off"
    }

    /// Why a message refuses a step.
    package enum Rejection: Error, Hashable, Sendable {
        case not(possibleIn: State)
    }

    package let id: MessageID
    package private(set) var state: State
    /// How often a gateway was called for it.
    package private(set) var tries: Int

    package init(id: MessageID, state: State = .requested, tries: Int = 0) {
        self.id = id
        self.state = state
        self.tries = tries
    }
}

/// What a gateway did with a message; not knowing is a case of its own.
package enum DispatchOutcome: Hashable, Sendable {
    case accepted(reference: String?, parts: Int)
    /// It will never be taken, and no other gateway needs to be asked: a bad number.
    case refused(reason: String)
    /// This gateway will never bring it, whose blame or limit that is; it had no part of it, and another may bring it.
    case barred(reason: String)
    /// The gateway had no part of it: unreachable, throttled. Another try is safe.
    case notTaken(reason: String)
    /// It may have left.
    case unknown(reason: String)
    /// Nobody called the gateway, which is not to blame.
    case notCalled(reason: String)
}

/// What a person found out about a message whose outcome nobody knew.
package enum Finding: String, Hashable, Sendable, CaseIterable {
    case arrived
    /// It did not arrive, and is wanted still.
    case sendAgain = "send-again"
    /// It is not wanted any more, whether it arrived or not.
    case giveUp = "give-up"

    /// Where it puts the message.
    package var state: Message.State {
        switch self {
        case .arrived: .delivered
        case .sendAgain: .ready
        case .giveUp: .failed
        }
    }
}

extension Message {
    /// How long a message waits that the gateway had no part of: its age ends it, and no number of tries.
    ///
    /// One somebody waits for at the desk leaves moments after the gateway is back.
    package func pauseSeconds(in lane: Lane) -> Int64 {
        let most: Int64 = lane == .urgent ? 15 : 3_600
        return (1..<max(1, tries)).reduce(5) { pause, _ in min(pause * 4, most) }
    }

    /// Whether its words may still be sent; once they are not, only their proof is kept.
    package var needsText: Bool {
        switch state {
        case .requested, .ready, .claimed, .uncertain: true
        case .sent, .delivered, .failed, .calledOff: false
        }
    }

    /// Whether its last call may still be heard of, though it waits for the next one or was called off.
    package var wasCalled: Bool { [.requested, .ready, .calledOff].contains(state) && tries > 0 }

    package mutating func prepare() throws(Rejection) { try move(from: [.requested], to: .ready) }

    /// What it says is not true any more: it is written anew.
    package mutating func rewrite() throws(Rejection) { try move(from: [.ready], to: .requested) }

    /// What it was called off for is not so any more: it is written anew.
    package mutating func wantAgain() throws(Rejection) { try move(from: [.calledOff], to: .requested) }

    /// A worker takes the message just before it calls the gateway.
    package mutating func claim() throws(Rejection) {
        try move(from: [.ready], to: .claimed)
        tries += 1
    }

    package mutating func conclude(_ outcome: DispatchOutcome) throws(Rejection) {
        switch outcome {
        // Also of a call that was given up and is to be made again, or was to be until it was called off: the gateway
        // has it, so nobody needs to.
        case .accepted: try move(from: wasCalled ? [state] : [.claimed, .uncertain], to: .sent)
        case .refused: try move(from: [.claimed, .uncertain], to: .failed)
        case .notTaken, .barred: try move(from: [.claimed, .uncertain], to: .ready)
        case .unknown: try move(from: [.claimed, .uncertain], to: .uncertain)
        case .notCalled:
            try move(from: [.claimed, .uncertain], to: .ready)
            tries -= 1
        }
    }

    /// A worker died while it held the message.
    package mutating func abandon() throws(Rejection) { try move(from: [.claimed], to: .uncertain) }

    package mutating func confirmDelivery() throws(Rejection) {
        // A receipt proves that the message left, also when the gateway said it had no part of it, when it was called
        // off before its next try, or when an earlier receipt said that it did not arrive (C-14).
        try move(from: wasCalled ? [state] : [.claimed, .uncertain, .sent, .failed], to: .delivered)
    }

    /// Not while it waits for its next try: that one may arrive.
    package mutating func reportUndelivered() throws(Rejection) {
        try move(from: [.claimed, .uncertain, .sent], to: .failed)
    }

    /// A person settles what nobody knew.
    package mutating func settle(_ finding: Finding) throws(Rejection) {
        try move(from: [.uncertain], to: finding.state)
    }

    package mutating func callOff() throws(Rejection) { try move(from: [.requested, .ready], to: .calledOff) }

    private mutating func move(from states: Set<State>, to next: State) throws(Rejection) {
        guard states.contains(state) else { throw .not(possibleIn: state) }
        state = next
    }
}
