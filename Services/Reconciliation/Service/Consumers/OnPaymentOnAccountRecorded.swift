import EventContract
import TransactionalMessaging

/// Money was received: what it was counted for says at which rates of VAT (REC-8).
struct OnPaymentOnAccountRecorded {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountRecordedV1.self) { event, envelope, change in
            if let payment = event.paymentID {
                count.receipts.keep(payment, as: event.paymentOnAccountID, in: &change)
            }
            let day =
                try event.receivedOn ?? count.clinics.day(of: envelope.time, at: envelope.clinic, in: &change)
            try count.run(
                .init(allocations: event.allocations, receivables: event.receivables ?? []),
                .init(payment: event.paymentOnAccountID, day: day, isFirst: true), in: &change)
        }
    }
}
