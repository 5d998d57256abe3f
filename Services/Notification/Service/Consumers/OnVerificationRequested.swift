import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A client stands at the desk and waits for a code: it goes out before everything else that waits, and never late.
struct OnVerificationRequested {
    let request: RequestMessage
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(VerificationRequestedV1.self) { event, envelope, change in
            request.awaitTurn(of: event.clientID, in: &change)
            // Only the last code is good.
            try callOff.run(about: .payment(event.paymentID), .verificationCode, in: &change)
            try request.run(
                MessageRequest(
                    occasion: .verificationCode, channel: .sms, lane: .urgent,
                    dedupKey: "verification-code/\(event.verificationID)", matter: .payment(event.paymentID),
                    client: event.clientID, clinic: envelope.clinic,
                    facts: try MessageFacts(verification: event.verificationID).text(), expiresAt: event.expiresAt),
                in: &change)
        }
    }
}
