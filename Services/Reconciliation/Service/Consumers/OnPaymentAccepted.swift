import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Providers took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct OnPaymentAccepted {
    let clinics: ClinicStore
    let expect: ExpectPayment
    let count: CountSale

    var subscription: Subscription {
        .together(PaymentAcceptedV1.self) { facts, change in
            for round in Self.rounds(of: facts) {
                let told = try zip(round, days(of: round, in: &change)).map { fact, day in
                    ExpectPayment.Told(fact: fact, expectation: Expectation(fact, acceptedOn: day))
                }
                count.run(told.map { Sale($0.fact.event, $0.expectation) }, in: &change)
                try expect.run(told, in: &change)
            }
        }
    }

    /// Each payment once in each round: one that is told of again comes in the next.
    private static func rounds(of facts: [Fact<PaymentAcceptedV1>]) -> [[Fact<PaymentAcceptedV1>]] {
        var rounds: [[Fact<PaymentAcceptedV1>]] = []
        var times: [PaymentID: Int] = [:]
        for fact in facts {
            let round = times[fact.event.paymentID, default: 0]
            if round == rounds.count { rounds.append([]) }
            rounds[round].append(fact)
            times[fact.event.paymentID] = round + 1
        }
        return rounds
    }

    /// The day of each, as its event tells it, or as it was at its clinic.
    private func days(of facts: [Fact<PaymentAcceptedV1>], in change: inout Change) throws -> [LocalDate] {
        let told = facts.compactMap(\.event.acceptedOn)
        guard told.count < facts.count else { return told }
        let days = try clinics.days(
            of: facts.map { (instant: $0.event.acceptedAt, clinic: $0.envelope.clinic) }, in: &change)
        return zip(facts, days).map { fact, day in fact.event.acceptedOn ?? day }
    }
}

extension Expectation {
    fileprivate init(_ fact: Fact<PaymentAcceptedV1>, acceptedOn day: LocalDate) {
        let event = fact.event
        self.init(
            settlement: ExpectedSettlement(
                payment: event.paymentID, amount: event.amount, refunded: .zero(event.amount.currency), fee: event.fee,
                feeVAT: event.feeVAT),
            clinic: fact.envelope.clinic, client: event.clientID, invoice: event.invoiceID, provider: event.provider,
            providerReference: event.providerReference, isHeld: event.disposition == .heldForClient, acceptedOn: day,
            expectedOn: BankDays.first(from: event.expectedPayoutOn))
    }
}

extension Sale {
    fileprivate init(_ event: PaymentAcceptedV1, _ expectation: Expectation) {
        self.init(
            payment: event.paymentID, clinic: expectation.clinic, provider: event.provider, plan: event.plan,
            amount: event.amount, end: End(outcome: .accepted, on: expectation.acceptedOn), fee: event.fee,
            feeVAT: event.feeVAT, invoice: event.invoiceID)
    }
}
