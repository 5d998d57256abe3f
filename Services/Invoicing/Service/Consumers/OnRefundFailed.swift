import EventContract
import PaymentModel
import TransactionalMessaging

/// A refund did not reach its client; one that was booked as done is taken back.
struct OnRefundFailed {
    let restore: RestoreRefund
    let organisations = OrganisationStore()

    var subscription: Subscription {
        .on(RefundFailedV1.self) { event, envelope, change in
            // Otherwise nothing was booked, and nothing is to be taken back.
            guard event.wasCompleted == true else { return }
            let day = try event.failedOn ?? organisations.day(of: envelope.time, at: envelope.clinic, in: &change)
            try restore.run(event.refundID, of: event.amount, to: event.paymentID, on: day, in: &change)
        }
    }
}
