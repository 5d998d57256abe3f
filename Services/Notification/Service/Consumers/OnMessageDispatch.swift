import EventContract
import NotificationDomain
import TransactionalMessaging

/// A message was handed out to the workers: this one looks for work once the transaction is over.
///
/// Nothing is taken or claimed here, so however many messages are handed out, a worker holds a few. The urgent ones
/// come first whatever their place in the topic, and a worker that is busy leaves them to another.
struct OnMessageDispatch {
    let hands: WorkerHands
    /// Those that urgent messages have for themselves.
    let urgentHands: WorkerHands

    var subscription: Subscription {
        .on(MessageDispatchV1.self) { event, _, change in
            let isUrgent = event.lane == Lane.urgent.rawValue
            change.afterCommit {
                if isUrgent { urgentHands.ring() }
                hands.ring()
            }
        }
    }
}
