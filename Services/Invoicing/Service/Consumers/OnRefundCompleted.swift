import EventContract
import PaymentModel
import TransactionalMessaging

/// Money went back to a client: what it was counted for is corrected.
struct OnRefundCompleted {
    let reverse: ReversePayment
    let organisations = OrganisationStore()

    var subscription: Subscription {
        .on(RefundCompletedV1.self) { event, envelope, change in
            let day =
                try event.completedOn
                ?? organisations.day(of: event.completedAt, at: envelope.clinic, in: &change)
            try reverse.run(event.refundID, of: event.amount, from: event.paymentID, on: day, in: &change)
        }
    }
}
