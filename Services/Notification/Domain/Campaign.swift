package import PaymentModel

/// One text to many recipients (NOT-6).
package struct Campaign: Hashable, Sendable {
    /// Where the campaign is.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Being written by people.
        case draft
        /// Its messages are written and leave, from its planned time on.
        case running
        /// Nothing of it leaves until somebody says so.
        case paused
        /// What has not left by then never does.
        case stopped
        /// Nothing of it waits any more.
        case finished
    }

    /// Why a campaign refuses a step.
    package enum Rejection: Error, Hashable, Sendable {
        case not(possibleIn: State)
        /// It names nobody who can be written to.
        case nobodyToWriteTo
    }

    package let id: CampaignID
    package private(set) var state: State

    package init(id: CampaignID, state: State = .draft) {
        self.id = id
        self.state = state
    }

    package func requireDraft() throws(Rejection) {
        guard state == .draft else { throw .not(possibleIn: state) }
    }

    package mutating func start(for tally: CampaignTally) throws(Rejection) {
        try requireDraft()
        guard tally.recipients > 0 else { throw .nobodyToWriteTo }
        state = .running
    }

    package mutating func pause() throws(Rejection) { try move(from: [.running], to: .paused) }

    package mutating func resume() throws(Rejection) { try move(from: [.paused], to: .running) }

    package mutating func stop() throws(Rejection) { try move(from: [.running, .paused], to: .stopped) }

    package mutating func finish() throws(Rejection) { try move(from: [.running], to: .finished) }

    private mutating func move(from states: Set<State>, to next: State) throws(Rejection) {
        guard states.contains(state) else { throw .not(possibleIn: state) }
        state = next
    }
}

/// Why somebody a campaign names is not written to.
package enum LeftOut: String, Hashable, Sendable, CaseIterable {
    /// Never agreed to marketing.
    case noConsent = "no-consent"
    /// Does not want it any more.
    case stop
    case noPhone = "no-phone"
    /// No number, or one no SMS arrives at.
    case badNumber = "bad-number"
    /// The same number was there before.
    case duplicate
    /// With this name the text makes more parts than a phone joins.
    case tooLong = "too-long"
    /// More are in the groups by now than at the start, and the quota has no parts for them.
    case noParts = "no-parts"
    /// Was still to be written to when the campaign was stopped.
    case campaignStopped = "campaign-stopped"
    /// Of another clinic than the campaign's, or of none; counted in previews, never a recipient.
    case otherClinic = "other-clinic"
}

/// Somebody a campaign names.
package struct CampaignCandidate: Hashable, Sendable {
    package let contact: ContactID?
    package let client: ClientID?
    package let firstName: String
    package let lastName: String
    /// Nil for a number beside the directory, of which nobody said one.
    package let language: Language?
    /// As it was written; nil where there is none.
    package let number: String?
    /// What was written, where that is a number an SMS can arrive at.
    package let phone: Phone?

    package init(
        contact: ContactID? = nil, client: ClientID? = nil, firstName: String = "", lastName: String = "",
        language: Language? = nil, number: String?, phone: Phone? = nil
    ) {
        self.contact = contact
        self.client = client
        self.firstName = firstName
        self.lastName = lastName
        self.language = language
        self.number = number
        self.phone = phone
    }

    /// Why this one is left out; nil for one who is written to.
    ///
    /// `agreed` is the latest decision about marketing, nil without any.
    package func leftOut(agreed: Bool?, wasThereBefore: Bool) -> LeftOut? {
        guard number != nil else { return .noPhone }
        guard phone != nil else { return .badNumber }
        if wasThereBefore { return .duplicate }
        switch agreed {
        case true: return nil
        case false: return .stop
        case nil: return .noConsent
        }
    }
}

/// How many a campaign is for, what it takes, and who is left out (NOT-6).
package struct CampaignTally: Hashable, Sendable {
    package private(set) var recipients = 0
    package private(set) var parts = 0
    package private(set) var leftOut: [LeftOut: Int] = [:]

    package init() {}

    package mutating func add(parts: Int) {
        recipients += 1
        self.parts += parts
    }

    package mutating func add(_ reason: LeftOut) { leftOut[reason, default: 0] += 1 }

    /// So many are left out for one reason; a reason nobody is left out for is not there.
    package mutating func add(_ count: Int, _ reason: LeftOut) {
        if count > 0 { leftOut[reason, default: 0] += count }
    }
}
