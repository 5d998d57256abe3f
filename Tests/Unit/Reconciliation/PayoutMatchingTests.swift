import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5: which bank line is which payout.
@Suite struct `Matching payouts with the bank` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let matching = PayoutMatching(windowDays: 5)

    @Test func `believes a reference, and shows the difference`() throws {
        let match = try #require(
            matching.matches([payout(1, "payout_abc", 5_000)], [line(1, 4_990, "VIR ALMA PAYOUT_ABC")]).first)
        #expect(match.rule == .reference)
        #expect(try match.difference() == .euros(cents: -10))
        #expect(
            try match.reasons() == [
                "The bank's text has the reference payout_abc.",
                "The bank received 0.10 EUR less than was announced.",
            ])
    }

    @Test func `finds what the bank took for a payout below nothing, by its reference as by its amount`() {
        let payouts = [payout(1, "payout_abc", -5_000), payout(2, "payout_xyz", -7_000)]
        let lines = [line(1, -4_990, "PRLV ALMA PAYOUT_ABC"), line(2, -7_000, "PRLV ALMA SAS")]
        let found = matching.matches(payouts, lines)
        #expect(found.map { [$0.payout.id.value, $0.bankLine.id.value] } == [[1, 1], [2, 2]])
        #expect(found.map(\.rule) == [.reference, .amountAndDate])
    }

    @Test func `takes nothing that the bank took for a payout that brings something, nor the other way round`() {
        let brought = [line(1, 5_000, "VIR ALMA PAYOUT_ABC"), line(2, -300, "RETOUR PAYOUT_ABC")]
        #expect(matching.matches([payout(1, "payout_abc", 5_100)], brought).map(\.bankLine.id.value) == [1])
        #expect(matching.matches([payout(1, "payout_abc", 5_100)], [brought[1]]).isEmpty)
        #expect(matching.matches([payout(1, "payout_abc", -300)], [brought[0]]).isEmpty)
        let joined = JointMatching(windowDays: 5)
        let pair = [payout(1, "payout_abc", 2_000), payout(2, "payout_def", 3_000)]
        let lines = [line(1, 5_000, "ALMA PAYOUT_ABC PAYOUT_DEF"), line(2, -300, "FRAIS PAYOUT_ABC")]
        #expect(joined.matches(pair, lines).count == 1)
        #expect(joined.proposals(pair, [line(1, 5_000, "ALMA"), line(2, -5_000, "ALMA")]).count == 1)
    }

    @Test(arguments: [
        "VIR payout_11xAb9 ALMA", "PAYOUT 11XAB9", "PAYOUT-11XAB9/ALMA", "REF:PAYOUT11XAB9.", "(payout.11xab9)",
    ])
    func `reads a reference however a bank writes it`(text: String) {
        #expect(matching.matches([payout(1, "payout_11xAb9", 1)], [line(1, 2, text)]).count == 1)
    }

    @Test(arguments: ["payout_abc2", "PAYOUT ABCD", "xpayout_abc", "PAYOUT", "ABC", "payout_ab c", ""])
    func `does not take a part of a word for the reference`(text: String) {
        #expect(
            matching.matches([payout(1, "payout_abc", 5_000)], [line(1, 5_000, "ALMA " + text)]).allSatisfy {
                $0.rule == .amountAndDate
            })
        #expect(matching.matches([payout(1, "payout_abc", 1)], [line(1, 5_000, text)]).isEmpty)
    }

    @Test func `keeps apart references of which one begins the other`() {
        let payouts = [payout(1, "payout_abc", 5_000), payout(2, "payout_abcd", 5_000)]
        let lines = [line(1, 5_000, "ALMA payout_abcd"), line(2, 5_000, "ALMA payout_abc")]
        #expect(pairs(payouts, lines) == [[1, 2], [2, 1]])
    }

    @Test(arguments: ["payout_abc_2", "tr_payout_abc", "tr_payout_abc_2"])
    func `REC-5 takes the longest reference that stands in a text, not the one that is a part of it`(long: String) {
        let payouts = [payout(1, "payout_abc", 5_000), payout(2, long, 7_000)]
        let (short, both) = ("ALMA payout_abc.", "ALMA \(long) PAYOUT_ABC")
        #expect(pairs(payouts, [line(1, 7_000, "ALMA \(long)"), line(2, 5_000, short)]) == [[1, 2], [2, 1]])
        #expect(pairs(payouts, [line(1, 7_100, "ALMA \(long)")]) == [[2, 1]], "of another amount as well")
        #expect(pairs([payouts[0]], [line(1, 7_100, "ALMA \(long)")]) == [[1, 1]], "while the longer is not known")
        let apart: Set = [RefusedPair(payout: PayoutID(2), bankLine: BankLineID(1))]
        let refused = matching.matches(payouts, [line(1, 5_000, "ALMA \(long)")], refusing: apart)
        #expect(refused.isEmpty, "taken apart from the longer, it names the shorter no more than before")
        #expect(pairs(payouts, [line(1, 11_000, both)]).isEmpty, "each on its own is named")
        #expect(JointMatching(windowDays: 5).matches(payouts, [line(1, 12_000, both)]).count == 1)
        #expect(JointMatching(windowDays: 5).matches(payouts, [line(1, 12_000, "ALMA \(long)")]).isEmpty)
    }

    @Test func `does not look for references that would be found anywhere`() {
        #expect(matching.matches([payout(1, "12", 1)], [line(1, 2, "FACTURE 12")]).isEmpty)
        #expect(matching.matches([payout(1, "", 1)], [line(1, 2, "")]).isEmpty)
    }

    @Test func `takes amount, date and name when they fit one pair only`() throws {
        let payouts = [payout(1, "payout_a", 5_000), payout(2, "payout_b", 7_000)]
        let lines = [
            line(1, 7_000, "VIR ALMA SAS"), line(2, 5_000, "VIR ALMA SAS"), line(3, 5_000, "VIR DUPONT"),
            line(4, 5_000, "PALMARES"),
        ]
        let found = matching.matches(payouts, lines)
        #expect(found.map { [$0.payout.id.value, $0.bankLine.id.value] } == [[1, 2], [2, 1]])
        #expect(try found[0].reasons().contains("It was booked 1 day after the payout's date, of 5 at most."))
    }

    @Test(arguments: [(-1, 0), (0, 1), (5, 1), (6, 0)])
    func `takes an amount only while the transfer may be under way`(days: Int, count: Int) {
        let late = PendingBankLine(
            id: BankLineID(1), amount: .euros(cents: 5_000), bookedOn: day.adding(days: days), text: "ALMA")
        #expect(matching.matches([payout(1, "payout_a", 5_000)], [late]).count == count)
    }

    @Test func `leaves an ambiguity to a person`() {
        let payouts = [payout(1, "payout_a", 5_000), payout(2, "payout_b", 5_000)]
        let lines = [line(1, 5_000, "VIR ALMA"), line(2, 5_000, "VIR ALMA")]
        #expect(matching.matches(payouts, lines).isEmpty)
        #expect(matching.matches(payouts, [lines[0]]).isEmpty)
        #expect(matching.matches([payouts[0]], lines).isEmpty)
    }

    @Test func `never takes by its amount what names another payout, told of or not`() {
        let payouts = [payout(1, "payout_a", 5_000), payout(2, "payout_b", 7_000)]
        #expect(matching.matches(payouts, [line(1, 5_000, "ALMA payout_z")]).isEmpty)
        let named = matching.matches(payouts, [line(1, 5_000, "ALMA payout_b")])
        #expect(named.map(\.payout.id.value) == [2])
    }

    @Test func `does not put together again what a person took apart`() {
        let refused: Set = [RefusedPair(payout: PayoutID(1), bankLine: BankLineID(1))]
        let payouts = [payout(1, "payout_a", 5_000)]
        #expect(matching.matches(payouts, [line(1, 5_000, "ALMA payout_a")], refusing: refused).isEmpty)
        let lines = [line(1, 5_000, "ALMA"), line(2, 5_000, "ALMA")]
        #expect(matching.matches(payouts, lines, refusing: refused).map(\.bankLine.id.value) == [2])
    }

    @Test func `does not add up currencies`() throws {
        let francs = PendingBankLine(
            id: BankLineID(1), amount: Money(5_000, try #require(Currency("CHF"))), bookedOn: day,
            text: "ALMA payout_abc")
        #expect(matching.matches([payout(1, "payout_abc", 5_000)], [francs]).isEmpty)
    }

    @Test func `REC-5 says of each kind of match why the two are taken for each other`() throws {
        let fee = MatchingRule.Tolerance(
            most: .euros(cents: 5), difference: Difference(account: .commissions, reason: "the bank's fee"))
        let kinds: [(ground: MatchGround, cents: Int64, reasons: [Sentence])] = [
            (.byHand, 5_000, ["A person said so."]),
            (
                MatchGround(.reference), 5_003,
                [
                    "The bank's text has the reference payout_a.",
                    "The bank received 0.03 EUR more than was announced.",
                ]
            ),
            (
                MatchGround(.amountAndDate), 5_000,
                [
                    "The amount is the same.", "The bank's text has the name alma.",
                    "It was booked 1 day after the payout's date, of 5 at most.",
                    "No other payout and no other bank line fit.",
                ]
            ),
            (
                MatchGround(.organisationRule, name: "psp", tolerance: fee), 4_997,
                [
                    "The rule psp fits.", "It was booked 1 day after the payout's date.",
                    "No other payout and no other bank line fit the rule.",
                    "The bank received 0.03 EUR less than was announced.",
                    "The rule takes that on 627000: the bank's fee",
                ]
            ),
            (MatchGround(.sum), 5_000, ["One set of payouts, and no other, has the amount."]),
            (MatchGround(.nothing), 5_000, ["It comes to nothing, so no transfer is made of it."]),
            (
                MatchGround(.provider), 5_000,
                [
                    "The provider says that it paid it on \(day).",
                    "Its bank line has not been seen yet, and nothing is booked.",
                ]
            ),
        ]
        #expect(Set(kinds.map(\.ground.rule)) == Set(PayoutMatch.Rule.allCases))
        for kind in kinds {
            let match = PayoutMatch(
                payout: payout(1, "payout_a", 5_000), bankLine: line(1, kind.cents, ""), ground: kind.ground,
                windowDays: 5)
            #expect(try match.reasons() == kind.reasons)
        }
    }

    @Test func `gives the same answer in any order of arrival`() {
        holds(seeds: 1...400) { random in
            let (payouts, lines, refused) = pieces(&random, naming: 50)
            let answer = matching.matches(payouts, lines, refusing: refused)
            return matching.matches(
                payouts.shuffled(using: &random), lines.shuffled(using: &random), refusing: refused) == answer
        }
    }

    @Test func `agrees with the plain comparison of every payout with every line`() {
        holds(seeds: 1...300) { random in
            let (payouts, lines, refused) = pieces(&random, naming: 0)
            let fitting = payouts.flatMap { payout in
                lines.filter { line in
                    payout.amount == line.amount
                        && (0...5).contains(line.bookedOn.daysSince1970 - payout.paidOn.daysSince1970)
                        && !refused.contains(RefusedPair(payout: payout.id, bankLine: line.id))
                }.map { [payout.id.value, $0.id.value] }
            }
            let only = fitting.filter { pair in
                fitting.filter { $0[0] == pair[0] }.count == 1 && fitting.filter { $0[1] == pair[1] }.count == 1
            }
            let found = matching.matches(payouts, lines, refusing: refused)
            return found.map { [$0.payout.id.value, $0.bankLine.id.value] } == only
        }
    }

    private func pieces(
        _ random: inout SeededGenerator, naming percent: Int
    ) -> ([PendingPayout], [PendingBankLine], Set<RefusedPair>) {
        let payouts = (1...8).map { number in
            PendingPayout(
                id: PayoutID(UInt128(number)), provider: .alma, reference: "payout_\(number)",
                amount: .euros(cents: random.number(1...4) * 1_000), paidOn: day.adding(days: random.number(0...6)))
        }
        let lines = (1...8).map { number in
            PendingBankLine(
                id: BankLineID(UInt128(number)), amount: .euros(cents: random.number(1...4) * 1_000),
                bookedOn: day.adding(days: random.number(0...9)),
                text: random.number(0...99) < percent ? "ALMA payout_\(random.number(1...9))." : "VIR ALMA")
        }
        let refused = (0...2).map { _ in
            RefusedPair(
                payout: PayoutID(UInt128(random.number(1...8))), bankLine: BankLineID(UInt128(random.number(1...8))))
        }
        return (payouts, lines, Set(refused))
    }

    private func pairs(_ payouts: [PendingPayout], _ lines: [PendingBankLine]) -> [[UInt128]] {
        matching.matches(payouts, lines).map { [$0.payout.id.value, $0.bankLine.id.value] }
    }

    private func payout(_ id: UInt128, _ reference: String, _ amount: Int64) -> PendingPayout {
        PendingPayout(
            id: PayoutID(id), provider: .alma, reference: reference, amount: .euros(cents: amount), paidOn: day)
    }

    private func line(_ id: UInt128, _ amount: Int64, _ text: String) -> PendingBankLine {
        PendingBankLine(
            id: BankLineID(id), amount: .euros(cents: amount), bookedOn: day.adding(days: 1), text: text)
    }
}
