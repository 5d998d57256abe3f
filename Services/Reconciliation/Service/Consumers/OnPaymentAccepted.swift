import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct OnPaymentAccepted {
    let clinics: ClinicStore
    let expect: ExpectPayment

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            let settlement = ExpectedSettlement(
                payment: event.paymentID, amount: event.amount, refunded: .zero(event.amount.currency), fee: event.fee,
                feeVAT: event.feeVAT)
            try expect.run(
                Expectation(
                    settlement: settlement, clinic: envelope.clinic, client: event.clientID, invoice: event.invoiceID,
                    provider: event.provider, providerReference: event.providerReference,
                    isHeld: event.disposition == .heldForClient,
                    acceptedOn: try event.acceptedOn
                        ?? clinics.day(of: event.acceptedAt, at: envelope.clinic, in: &change),
                    expectedOn: event.expectedPayoutOn),
                in: &change)
        }
    }
}
