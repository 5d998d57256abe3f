import PaymentModel
import TransactionalMessaging

extension WaitingMessage {
    /// The cause of one step of the work on this message.
    func step(_ name: String, _ ids: IdentifierSource) -> Cause {
        .step(name, by: name, for: organisation, correlation: CorrelationID(id.value), ids)
    }
}
