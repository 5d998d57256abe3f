import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5: one to many and many to one.
@Suite struct `Joining payouts and bank lines` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let joining = JointMatching(windowDays: 5)

    private func payout(_ id: UInt128, _ cents: Int64, days: Int = 0, _ provider: Provider = .stripe) -> PendingPayout {
        PendingPayout(
            id: PayoutID(id), provider: provider, reference: "po_number\(id)x", amount: .euros(cents: cents),
            paidOn: day.adding(days: days))
    }

    private func line(_ id: UInt128, _ cents: Int64, _ text: String, days: Int = 1) -> PendingBankLine {
        PendingBankLine(
            id: BankLineID(id), amount: .euros(cents: cents), bookedOn: day.adding(days: days), text: text)
    }

    private func shape(_ joints: [JointPointing]) -> [[[UInt128]]] {
        joints.map { [$0.payouts.map(\.id.value), $0.bankLines.map(\.id.value)] }
    }

    @Test func `REC-5 believes the references in a text when the sums are the same`() {
        let payouts = [payout(1, 5_000), payout(2, 7_000)]
        let found = joining.matches(payouts, [line(1, 12_000, "STRIPE PO_NUMBER1X PO_NUMBER2X")])
        #expect(shape(found) == [[[1, 2], [1]]] && found[0].rule == .reference)
        #expect(joining.matches(payouts, [line(1, 12_001, "STRIPE PO_NUMBER1X PO_NUMBER2X")]).isEmpty)
        let several = joining.matches(
            [payouts[0]], [line(1, 2_000, "po_number1x 1/2"), line(2, 3_000, "po_number1x 2/2")])
        #expect(shape(several) == [[[1], [1, 2]]])
    }

    @Test func `REC-5 proposes the one set of payouts that has the amount, and none where there are two`() {
        let payouts = [payout(1, 5_000), payout(2, 7_000), payout(3, 1_100)]
        #expect(shape(joining.proposals(payouts, [line(1, 12_000, "VIR STRIPE")])) == [[[1, 2], [1]]])
        #expect(joining.proposals(payouts + [payout(4, 7_000)], [line(1, 12_000, "VIR STRIPE")]).isEmpty)
        #expect(joining.proposals(payouts, [line(1, 12_000, "VIR ALMA")]).isEmpty, "another provider")
        #expect(joining.proposals(payouts, [line(1, 12_000, "VIR STRIPE", days: 6)]).isEmpty, "outside the window")
        #expect(joining.proposals(payouts + [payout(4, 12_000)], [line(1, 12_000, "VIR STRIPE")]).isEmpty, "one alone")
        let both = [line(1, 12_000, "VIR STRIPE"), line(2, 12_000, "VIR STRIPE")]
        #expect(joining.proposals(payouts, both).isEmpty, "two lines want the same payouts")
        let apart: Set = [RefusedPair(payout: PayoutID(1), bankLine: BankLineID(1))]
        #expect(joining.proposals(payouts, [both[0]], refusing: apart).isEmpty, "a person took them apart")
    }

    @Test func `REC-5 leaves too many candidates, and large sets, to a person`() {
        let five = (1...5).map { payout(UInt128($0), Int64($0) * 1_000 + 7) }
        #expect(joining.proposals(five, [line(1, 15_035, "VIR STRIPE")]).isEmpty, "a set of five")
        let thirteen = (1...13).map { payout(UInt128($0), 1 << Int64($0)) }
        #expect(joining.proposals(thirteen, [line(1, 6, "VIR STRIPE")]).isEmpty)
        #expect(shape(joining.proposals(Array(thirteen.prefix(12)), [line(1, 6, "VIR STRIPE")])) == [[[1, 2], [1]]])
    }

    @Test func `REC-5 gives the same answer in any order of arrival, and every answer sums up`() {
        holds(seeds: 1...300) { random in
            let payouts = (1...9).map { number in
                payout(
                    UInt128(number), random.number(1...9) * 1_000 + random.number(0...1), days: random.number(0...6),
                    Bool.random(using: &random) ? .stripe : .paypal)
            }
            let lines = (1...5).map { number in
                let names = (0..<(random.number(0...2) as Int)).map { _ in "po_number\(random.number(1...9) as Int)x" }
                return line(
                    UInt128(number), random.number(2...20) * 1_000 + random.number(0...2),
                    (["STRIPE"] + names).joined(separator: " "), days: random.number(0...9))
            }
            func all(_ payouts: [PendingPayout], _ lines: [PendingBankLine]) -> [JointPointing] {
                joining.matches(payouts, lines) + joining.proposals(payouts, lines)
            }
            let answer = all(payouts, lines)
            let again = all(payouts.shuffled(using: &random), lines.shuffled(using: &random))
            let pieces = answer.flatMap { $0.payouts.map(\.id) }
            return again == answer && Set(pieces).count == pieces.count && answer.allSatisfy(\.difference.isZero)
        }
    }

    @Test func `REC-5 by hand differs only with a reason and an account, which goes to the last payout`() throws {
        let (payouts, lines) = ([payout(2, 7_000), payout(1, 5_000)], [line(1, 11_990, "VIR")])
        #expect(throws: JointPointing.Rejection.self) { try JointPointing(payouts, lines, said: nil, by: .byHand) }
        let fee = Difference(account: .commissions, reason: "the bank's fee")
        let joint = try JointPointing(payouts, lines, said: fee, by: .byHand)
        #expect(try joint.shares().map { $0.received.minorUnits } == [5_000, 6_990])
        #expect(try joint.ground(of: payouts[0]).difference(of: .euros(cents: -10)) == fee)
        #expect(try joint.ground(of: payouts[1]).difference(of: .euros(cents: -10)) == nil)
        #expect(throws: JointPointing.Rejection.notOneToMany(payouts: 2, bankLines: 2)) {
            try JointPointing(payouts, lines + lines, said: nil, by: .byHand)
        }
    }
}
