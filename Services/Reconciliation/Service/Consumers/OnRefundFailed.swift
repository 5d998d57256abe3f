import EventContract
import PaymentModel
import TransactionalMessaging

/// A refund that was told as done came back: whoever booked it takes it back.
struct OnRefundFailed {
    let clinics: ClinicStore
    let count: CountRefund

    var subscription: Subscription {
        .on(RefundFailedV1.self) { event, envelope, change in
            guard event.wasCompleted == true else { return }
            let day = try event.failedOn ?? clinics.day(of: envelope.time, at: envelope.clinic, in: &change)
            let refund = WaitingRefundStore.Refund(
                id: event.refundID, payment: event.paymentID, amount: event.amount, completedOn: day, returnedOn: day)
            try count.run(refund, in: &change)
        }
    }
}
