import EventContract
import NotificationDomain
import TransactionalMessaging

/// A payment was called off: a link that has not left would lead nowhere, and who has it is told where that is wanted.
struct OnPaymentCancelled {
    let tell: TellOfPaymentEnd
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentCancelledV1.self) { event, envelope, change in
            tell.request.awaitTurn(of: event.clientID, in: &change)
            try callOff.run(
                about: AskedPayment(payment: event.paymentID, client: event.clientID, clinic: envelope.clinic),
                ended: .cancelled, in: &change)
            guard PaymentPlight.isTold(cancelledBecause: event.reason) else { return }
            try tell.run(
                TellOfPaymentEnd.News(
                    occasion: .paymentCancelled, payment: event.paymentID, client: event.clientID,
                    amount: event.amount),
                told: envelope, in: &change)
        }
    }
}
