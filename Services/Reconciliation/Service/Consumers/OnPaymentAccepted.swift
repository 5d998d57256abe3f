import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct OnPaymentAccepted {
    let clinics: ClinicStore
    let expect: ExpectPayment
    let count: CountSale

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            let settlement = ExpectedSettlement(
                payment: event.paymentID, amount: event.amount, refunded: .zero(event.amount.currency), fee: event.fee,
                feeVAT: event.feeVAT)
            let day = try event.acceptedOn ?? clinics.day(of: event.acceptedAt, at: envelope.clinic, in: &change)
            try count.run(
                Sale(
                    payment: event.paymentID, clinic: envelope.clinic, provider: event.provider, plan: event.plan,
                    amount: event.amount, end: Sale.End(outcome: .accepted, on: day), fee: event.fee,
                    feeVAT: event.feeVAT, invoice: event.invoiceID), in: &change)
            try expect.run(
                Expectation(
                    settlement: settlement, clinic: envelope.clinic, client: event.clientID, invoice: event.invoiceID,
                    provider: event.provider, providerReference: event.providerReference,
                    isHeld: event.disposition == .heldForClient,
                    acceptedOn: day, expectedOn: BankDays.first(from: event.expectedPayoutOn)),
                in: &change)
        }
    }
}
