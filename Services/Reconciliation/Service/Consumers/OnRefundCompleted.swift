import EventContract
import PaymentModel
import TransactionalMessaging

/// A provider gave money back: it will pay out so much less.
struct OnRefundCompleted {
    let clinics: ClinicStore
    let count: CountRefund

    var subscription: Subscription {
        .on(RefundCompletedV1.self) { event, envelope, change in
            try count.run(
                WaitingRefundStore.Refund(
                    id: event.refundID, payment: event.paymentID, amount: event.amount,
                    completedOn: try event.completedOn
                        ?? clinics.day(of: event.completedAt, at: envelope.clinic, in: &change)),
                in: &change)
        }
    }
}
