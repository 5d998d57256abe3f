import EventContract
import PaymentModel
import TransactionalMessaging

/// The provider changed when the client is debited: the notices follow, each debit still told once (NOT-4).
struct OnScheduleChanged {
    let notices: PlanDebitNotices
    let clinics = ClinicStore()

    var subscription: Subscription {
        .on(ScheduleChangedV1.self) { event, envelope, change in
            // Who forgets the client comes before or after, never between what is read here and what is kept.
            notices.forgotten.awaitTurn(of: [event.clientID], in: &change)
            let zone = try clinics.zone(of: envelope.clinic, in: &change)
            let wall = try clinics.wall(in: zone, &change.transaction)
            try notices.run(
                PlanDebitNotices.Schedule(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    instalments: event.schedule, knownOn: wall.day, nearAt: wall.time),
                in: &change)
        }
    }
}
