import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5: an organisation's own rules, after what everybody has.
@Suite struct `Matching by an organisation's rules` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let matching = PayoutMatching(windowDays: 5)

    @Test func `takes what fits every condition, and says why`() throws {
        let rule = rule("psp", words: ["vir psp"], tolerance: 5)
        let match = try #require(try found([payout(1, 5_000)], [line(1, 4_997, "SEPA VIR-PSP 12")], [rule]).first)
        #expect(match.rule == .organisationRule && match.ground.name == "psp")
        #expect(
            try match.reasons() == [
                "The rule psp fits.", "It was booked 1 day after the payout's date.",
                "No other payout and no other bank line fit the rule.",
                "The bank received 0.03 EUR less than was announced.", "The rule takes that on 627000: fee",
            ])
        #expect(try match.ground.difference(of: .euros(cents: -3))?.account == .commissions)
        #expect(try match.ground.difference(of: .euros(cents: 6)) == nil)
    }

    @Test func `takes nothing that misses one of its conditions`() throws {
        let payouts = [payout(1, 5_000)]
        let fitting = line(1, 5_000, "VIR PSP")
        #expect(try found(payouts, [fitting], [rule("a", words: ["VIR", "PSP"])]).count == 1)
        for rule in [
            rule("word", words: ["VIR", "PS"]), rule("order", words: ["PSP VIR"]),
            rule("iban", words: ["PSP"], iban: "FR76"), rule("least", words: ["PSP"], least: 5_001),
            rule("most", words: ["PSP"], most: 4_999), rule("days", words: ["PSP"], days: 2...9),
            rule("provider", words: ["PSP"], provider: .stripe), rule("prefix", words: ["PSP"], prefix: "x"),
        ] { #expect(try found(payouts, [fitting], [rule]).isEmpty, "\(rule.name)") }
        #expect(try found(payouts, [line(1, 4_999, "VIR PSP")], [rule("exact", words: ["PSP"])]).isEmpty)
        #expect(try found(payouts, [line(1, 4_994, "VIR PSP")], [rule("near", words: ["PSP"], tolerance: 5)]).isEmpty)
        let francs = PendingBankLine(
            id: BankLineID(1), amount: Money(5_000, Currency("CHF") ?? .eur), bookedOn: day, text: "VIR PSP")
        #expect(try found(payouts, [francs], [rule("francs", words: ["PSP"])]).isEmpty)
    }

    @Test func `leaves what is ambiguous by one rule to the next, and asks them in their order`() throws {
        let payouts = [payout(1, 5_000), payout(2, 5_000, "other-2")]
        let lines = [line(1, 5_000, "VIR PSP A")]
        #expect(try found(payouts, lines, [rule("wide", words: ["PSP"])]).isEmpty)
        let both = [rule("wide", words: ["PSP"]), rule("narrow", words: ["PSP"], prefix: "other-")]
        #expect(try found(payouts, lines, both).map(\.payout.id.value) == [2])
        let first = [rule("one", words: ["PSP"], prefix: "pay"), rule("two", words: ["PSP"], prefix: "other-")]
        #expect(try found(payouts, lines, first).map(\.ground.name) == ["one"])
        #expect(try found(payouts, lines, first.reversed()).map(\.ground.name) == ["two"])
    }

    @Test func `never takes by a rule what names another payout, nor what a person took apart`() throws {
        let payouts = [payout(1, 5_000, "payout_a"), payout(2, 7_000, "payout_b")]
        let any = [rule("any", words: ["PSP"])]
        #expect(try found(payouts, [line(1, 5_000, "PSP payout_z")], any).isEmpty)
        #expect(try found(payouts, [line(1, 5_000, "PSP payout_b")], any).map(\.rule) == [.reference])
        let refused: Set = [RefusedPair(payout: PayoutID(1), bankLine: BankLineID(1))]
        let lines = [line(1, 5_000, "PSP")]
        #expect(try found(payouts, lines, any).map(\.rule) == [.organisationRule])
        #expect(try found(payouts, lines, any, refusing: refused).isEmpty)
    }

    @Test func `gives the same answer in any order of arrival, each piece once`() {
        holds(seeds: 1...400) { random in
            let (payouts, lines, rules) = pieces(&random)
            let answer = try found(payouts, lines, rules)
            return try found(payouts.shuffled(using: &random), lines.shuffled(using: &random), rules) == answer
                && Set(answer.map(\.payout.id)).count == answer.count
                && Set(answer.map(\.bankLine.id)).count == answer.count
                && answer.allSatisfy { abs($0.bankLine.amount.minorUnits - $0.payout.amount.minorUnits) <= 900 }
        }
    }

    @Test func `agrees with the plain comparison of every payout with every line`() {
        holds(seeds: 1...300) { random in
            let (payouts, lines, rules) = pieces(&random)
            let rule = rules[0]
            let most = rule.tolerance?.most.minorUnits ?? 0
            let fitting = payouts.flatMap { payout in
                lines.filter { line in
                    abs(payout.amount.minorUnits - line.amount.minorUnits) <= most
                        && rule.days.contains(line.bookedOn.daysSince1970 - payout.paidOn.daysSince1970)
                        && rule.line.words.allSatisfy { line.text.contains($0) }
                }.map { [payout.id.value, $0.id.value] }
            }
            let only = fitting.filter { pair in
                fitting.count { $0[0] == pair[0] } == 1 && fitting.count { $0[1] == pair[1] } == 1
            }
            return try found(payouts, lines, [rule]).map { [$0.payout.id.value, $0.bankLine.id.value] } == only
        }
    }

    @Test func `are refused when they fit anything, share a name or name a wrong account`() {
        #expect(throws: MatchingRules.Rejection.noCondition("a")) { try MatchingRules([rule("a", words: ["-"])]) }
        #expect(throws: MatchingRules.Rejection.nameTwice("a")) {
            try MatchingRules([rule("a", words: ["x"]), rule("a", words: ["y"])])
        }
        #expect(throws: MatchingRules.Rejection.account(.clients, of: "a")) {
            try MatchingRules([rule("a", words: ["x"], tolerance: 1, account: .clients)])
        }
        #expect(throws: MatchingRules.Rejection.amounts("a")) {
            try MatchingRules([rule("a", words: ["x"], least: 2, most: 1)])
        }
    }

    private func found(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], _ rules: [MatchingRule],
        refusing refused: Set<RefusedPair> = []
    ) throws -> [PayoutMatch] {
        matching.matches(payouts, lines, refusing: refused, by: try MatchingRules(rules))
    }

    private func pieces(
        _ random: inout SeededGenerator
    ) -> ([PendingPayout], [PendingBankLine], [MatchingRule]) {
        let payouts = (1...8).map { number in
            payout(UInt128(number), random.number(1...4) * 1_000, "p\(number)", random.number(0...6))
        }
        let lines = (1...8).map { number in
            line(
                UInt128(number), random.number(1...4) * 1_000 + random.number(-9...9),
                Bool.random(using: &random) ? "VIR PSP" : "VIR XYZ", random.number(0...9))
        }
        let rules = (1...3).map { number in
            rule(
                "r\(number)", words: [Bool.random(using: &random) ? "PSP" : "VIR"],
                days: random.number(-2...1)...random.number(2...6), tolerance: random.number(1...900))
        }
        return (payouts, lines, rules)
    }

    private func rule(
        _ name: String, words: [String], iban: String? = nil, least: Int64? = nil, most: Int64? = nil,
        days: ClosedRange<Int> = 0...5, provider: Provider? = nil, prefix: String? = nil, tolerance: Int64? = nil,
        account: Account = .commissions
    ) -> MatchingRule {
        MatchingRule(
            name: name,
            line: MatchingRule.LineCondition(
                words: words, iban: iban, least: least.map { .euros(cents: $0) }, most: most.map { .euros(cents: $0) }),
            payout: MatchingRule.PayoutCondition(provider: provider, referencePrefix: prefix), days: days,
            tolerance: tolerance.map {
                MatchingRule.Tolerance(
                    most: .euros(cents: $0), difference: Difference(account: account, reason: "fee"))
            })
    }

    private func payout(
        _ id: UInt128, _ amount: Int64, _ reference: String = "pay-1", _ later: Int = 0
    ) -> PendingPayout {
        PendingPayout(
            id: PayoutID(id), provider: .alma, reference: reference, amount: .euros(cents: amount),
            paidOn: day.adding(days: later))
    }

    private func line(_ id: UInt128, _ amount: Int64, _ text: String, _ later: Int = 1) -> PendingBankLine {
        PendingBankLine(
            id: BankLineID(id), amount: .euros(cents: amount), bookedOn: day.adding(days: later), text: text,
            iban: "FR00")
    }
}
