import EventContract
import NotificationDomain
import TransactionalMessaging

/// A payment was refused: a link that has not left yet would lead nowhere, and the client is told where that is wanted.
struct OnPaymentRefused {
    let tell: TellOfPaymentEnd
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentRefusedV1.self) { event, envelope, change in
            tell.request.awaitTurn(of: event.clientID, in: &change)
            try callOff.run(
                about: AskedPayment(payment: event.paymentID, client: event.clientID, clinic: envelope.clinic),
                ended: .refused, in: &change)
            try tell.run(
                TellOfPaymentEnd.News(
                    occasion: .paymentRefused, payment: event.paymentID, client: event.clientID, amount: event.amount),
                told: envelope, in: &change)
        }
    }
}
