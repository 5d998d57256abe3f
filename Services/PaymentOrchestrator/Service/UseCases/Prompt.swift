import HTTPServer
import PaymentModel
import TransactionalMessaging

/// Who or what made us look at a payment: a person, a notification, the clock.
struct Prompt: Sendable {
    /// Whose payment it is.
    let organisation: OrganisationID
    /// As the history shows it.
    let actor: String
    /// Follows the work through all services.
    let correlation: CorrelationID
    /// The trace it belongs to.
    let traceparent: String?

    /// A prompt of ours.
    static func own(_ actor: String, _ organisation: OrganisationID, _ ids: IdentifierSource) -> Prompt {
        Prompt(organisation: organisation, actor: actor, correlation: ids.make(), traceparent: nil)
    }

    /// A prompt that came with a request, for somebody who may not be known.
    static func request(_ request: Request, actor: String, _ organisation: OrganisationID) -> Prompt {
        Prompt(
            organisation: organisation, actor: actor, correlation: request.correlation, traceparent: request.traceparent
        )
    }

    /// The cause of one recording.
    ///
    /// Each recording is a cause of its own: what makes it harmless to repeat is the state machine, and a report that
    /// changes nothing is not recorded.
    func cause(_ name: String, _ ids: IdentifierSource) -> Cause {
        Cause(
            .step(name, of: ids.make()), organisation: organisation, actor: actor, correlation: correlation,
            traceparent: traceparent)
    }
}
