import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct OnPaymentAccepted {
    let expectations = ExpectationStore()
    let ledger: LedgerStore

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            let settlement = ExpectedSettlement(
                payment: event.paymentID, amount: event.amount, refunded: .zero(event.amount.currency), fee: event.fee,
                feeVAT: event.feeVAT)
            let isHeld = event.disposition == .heldForClient
            let day = event.acceptedAt.utcDate
            try expectations.insert(
                Expectation(
                    settlement: settlement, clinic: envelope.clinic, client: event.clientID, invoice: event.invoiceID,
                    provider: event.provider, providerReference: event.providerReference, isHeld: isHeld,
                    acceptedOn: day, expectedOn: event.expectedPayoutOn, payout: nil),
                in: &change)
            try ledger.book(
                try Booking.payment(event.amount, by: event.provider, held: isHeld, on: day), about: event.paymentID,
                in: &change)
            try ledger.book(
                try Booking.fee(event.fee, vat: event.feeVAT, by: event.provider, on: day), about: event.paymentID,
                in: &change)
            change.announceExpectation(event, net: try settlement.net(), clinic: envelope.clinic)
        }
    }
}

extension Change {
    fileprivate mutating func announceExpectation(_ event: PaymentAcceptedV1, net: Money, clinic: ClinicID?) {
        announce(
            FeeRecordedV1(
                paymentID: event.paymentID, invoiceID: event.invoiceID, provider: event.provider,
                amount: event.amount, fee: event.fee, feeVAT: event.feeVAT),
            about: event.paymentID, clinic: clinic)
        announce(
            PayoutExpectedV1(
                paymentID: event.paymentID, provider: event.provider, net: net, expectedOn: event.expectedPayoutOn),
            about: event.paymentID, clinic: clinic)
    }
}
