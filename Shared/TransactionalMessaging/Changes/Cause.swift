package import EventContract
package import PaymentModel

/// What made us change something; a unique row of it makes every retry harmless.
package struct Cause: Sendable, Hashable {
    /// The things that can make us change something.
    package enum Kind: Sendable, Hashable {
        /// An event that a consumer group handles once.
        case message(EventID, consumer: String)
        /// A request, named by its sender; the fingerprint tells a repetition from another request under the same key.
        case request(key: String, fingerprint: [UInt8])
        /// One run of a job of ours, or one item of it.
        case job(name: String, run: String)
        /// One step of work that something else began.
        case step(String, of: EventID)
    }

    /// What it was, and what makes it unique.
    package let kind: Kind
    /// Whose data it is about.
    package let organisation: OrganisationID
    /// Who is behind it, as audits show it.
    package let actor: String
    /// Follows one piece of work through all services.
    package let correlation: CorrelationID
    /// The W3C trace it belongs to.
    package let traceparent: String?
    /// The event that led to it, when one did.
    package let causation: EventID?

    /// Names a cause; a message is its own causation.
    package init(
        _ kind: Kind, organisation: OrganisationID, actor: String, correlation: CorrelationID,
        traceparent: String? = nil, causation: EventID? = nil
    ) {
        self.kind = kind
        self.organisation = organisation
        self.actor = actor
        self.correlation = correlation
        self.traceparent = traceparent
        if case .message(let event, _) = kind { self.causation = event } else { self.causation = causation }
    }

    /// The cause a consumer group has for what it does about an event.
    package static func message(_ event: EventEnvelope, consumer: String) -> Cause {
        Cause(
            .message(event.id, consumer: consumer), organisation: event.organisation, actor: consumer,
            correlation: event.correlation, traceparent: event.traceparent)
    }
}

/// The same key came with another request; nothing was changed.
package struct CauseConflict: Error, Hashable, Sendable {
    /// The key that was used twice.
    package let key: String

    /// Names the key.
    package init(key: String) { self.key = key }
}

/// What a change gave back, and whether it was made just now or at an earlier try.
package struct Applied<Answer: Sendable>: Sendable {
    /// The first answer, however often the cause came.
    package let answer: Answer
    /// True when the change had been made before and nothing was changed now.
    package let replayed: Bool

    /// Says what a change gave back.
    package init(answer: Answer, replayed: Bool) {
        self.answer = answer
        self.replayed = replayed
    }
}

extension Cause {
    /// One step of the work this cause began.
    ///
    /// Each step is a cause of its own: harmless to repeat because the state of what it changes decides, not its row.
    package func step(_ name: String, _ ids: IdentifierSource) -> Cause {
        Cause(
            .step(name, of: ids.make()), organisation: organisation, actor: actor, correlation: correlation,
            traceparent: traceparent, causation: causation)
    }

    /// One step of work that nothing outside began, such as a look at what is due.
    package static func step(
        _ name: String, by actor: String, for organisation: OrganisationID, correlation: CorrelationID,
        _ ids: IdentifierSource
    ) -> Cause {
        Cause(.step(name, of: ids.make()), organisation: organisation, actor: actor, correlation: correlation)
    }
}

extension Applied: Equatable where Answer: Equatable {}

/// For changes whose caller needs to know only that they were made.
package struct NoAnswer: Codable, Sendable, Hashable {
    /// Nothing to say.
    package init() {}
}
