import PaymentModel
import ReconciliationDomain
import Testing

/// REC-2: a payout that its provider confirms, before the bank does.
@Suite struct `The provider's word` {
    private func payout(_ cents: Int64) -> PendingPayout {
        PendingPayout(
            id: PayoutID(1), provider: .stripe, reference: "po_1", amount: .euros(cents: cents), paidOn: .earliest)
    }

    @Test(
        arguments: [
            (.paid, 5_000, false, true), (.paid, -5_000, false, true), (.paid, 0, false, false),
            (.paid, 5_000, true, false), (.sent, 5_000, false, false), (.failed, 5_000, false, false),
            (nil, 5_000, false, false),
        ] as [(ProvidersWord?, Int64, Bool, Bool)])
    func `REC-2 points what is said to be paid, is something, and was not taken back by a person`(
        word: ProvidersWord?, cents: Int64, isRefused: Bool, isPointed: Bool
    ) {
        #expect(SaidPayout(payout(cents), word: word, isRefused: isRefused).isPointedByWord == isPointed)
    }

    @Test(arguments: Provider.allCases)
    func `REC-2 is in a report where the report has only what was made, and may change where it is not`(
        provider: Provider
    ) {
        let isStripe = provider == .stripe
        #expect(ProvidersWord.told(byReportOf: provider) == (isStripe ? nil : .paid))
        #expect(ProvidersWord.mayChange(at: provider) == isStripe)
    }
}
