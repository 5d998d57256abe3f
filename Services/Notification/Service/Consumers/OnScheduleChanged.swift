import EventContract
import PaymentModel
import TransactionalMessaging

/// The provider changed when the client is debited: the notices follow, each debit still told once (NOT-4).
struct OnScheduleChanged {
    let notices: PlanDebitNotices

    var subscription: Subscription {
        .on(ScheduleChangedV1.self) { event, envelope, change in
            try notices.run(
                PlanDebitNotices.Schedule(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    instalments: event.schedule, knownOn: envelope.time.utcDate),
                in: &change)
        }
    }
}
