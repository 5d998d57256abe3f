import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-16: a referral link` {
    private typealias State = ReferralLink.State

    @Test func `only moves on: active to used or expired, used to rewarded`() {
        let later = PaymentExamples.now.adding(.seconds(60))
        for from in State.allCases {
            for to in State.allCases where from != to {
                var link = ReferralLink(url: "https://provider.example/r/1", state: from, since: PaymentExamples.now)
                let isAllowed = from == .active || (from == .used && to == .rewarded)
                guard isAllowed else {
                    #expect(throws: ReferralLink.Rejection(state: from)) { try link.move(to: to, at: later) }
                    #expect(link.state == from && link.since == PaymentExamples.now)
                    continue
                }
                #expect(throws: Never.self) { try link.move(to: to, at: later) }
                #expect(link.state == to && link.since == later)
            }
        }
    }

    @Test(arguments: ReferralLink.State.allCases)
    func `told again what it is, stays since when it was`(state: ReferralLink.State) throws {
        var link = ReferralLink(url: "https://provider.example/r/1", state: state, since: PaymentExamples.now)
        try link.move(to: state, at: PaymentExamples.now.adding(.seconds(60)))
        #expect(link.since == PaymentExamples.now)
    }
}
