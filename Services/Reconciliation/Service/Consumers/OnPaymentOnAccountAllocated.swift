import EventContract
import TransactionalMessaging

/// Credit was counted for something: only now it is known at which rates of VAT (REC-8).
struct OnPaymentOnAccountAllocated {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountAllocatedV1.self) { event, envelope, change in
            let day = try event.on ?? count.clinics.day(of: envelope.time, at: envelope.clinic, in: &change)
            try count.run(
                .init(allocations: event.allocations, receivables: event.receivables),
                .init(payment: event.paymentOnAccountID, day: day, isFirst: false), in: &change)
        }
    }
}
