import EventContract
import TransactionalMessaging

/// A message was handed out to the workers: this one looks for work once the transaction is over.
///
/// Nothing is taken or claimed here, so however many messages are handed out, a worker holds a few. The urgent ones
/// come first whatever their place in the topic, and a worker that is busy leaves them to another.
struct OnMessageDispatch {
    let hands: WorkerHands

    var subscription: Subscription {
        .on(MessageDispatchV1.self) { _, _, change in
            change.afterCommit { hands.ring() }
        }
    }
}
