import EventContract
import PaymentModel
import TransactionalMessaging

/// A message was handed out to the workers: it is put into this worker's hands once the transaction is over.
///
/// Nothing is claimed here. A worker that dies with messages in hand leaves them ready, and they are handed out again.
struct OnMessageDispatch {
    let hands: WorkerHands

    var subscription: Subscription {
        .on(MessageDispatchV1.self) { event, envelope, change in
            let waiting = WaitingMessage(id: event.messageID, organisation: envelope.organisation)
            change.afterCommit { hands.take(waiting) }
        }
    }
}
