import PaymentModel
import TransactionalMessaging

/// Makes the cause of each step of a job about one message; the steps are told apart by ids of their own.
struct MessageSteps {
    let ids: IdentifierSource

    func cause(_ step: String, _ waiting: WaitingMessage) -> Cause {
        Cause(
            .job(name: step, run: "\(waiting.id)/\(ids.next())"), organisation: waiting.organisation, actor: step,
            correlation: CorrelationID(waiting.id.value))
    }
}
