import PaymentModel
import ReconciliationDomain
import Testing

/// REC-10: which bank line is which remittance.
@Suite struct `Matching remittances with the bank` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let matching = DepositMatching(windowDays: 5)

    @Test(arguments: ["REMISE CHEQUES BORD-0042", "REM CHQ BORD 0042 DU 20/11", "BORD0042", "(bord.0042)"])
    func `believes the number of the slip and the amount together`(text: String) throws {
        let match = try #require(matching.matches([slip(1, "BORD-0042", 5_000)], [line(1, 5_000, text)]).first)
        #expect(match.rule == .reference && match.reasons.count == 2)
        #expect(matching.matches([slip(1, "BORD-0042", 5_000)], [line(1, 4_999, text)]).isEmpty)
    }

    @Test(arguments: [(Tender.cheque, "REMISE 3 CHEQUES"), (.cash, "VERSEMENT ESPECES"), (.card, "REMISE CB 201126")])
    func `takes amount, date and a word for what it is when they fit one pair only`(
        tender: Tender, text: String
    ) throws {
        let match = try #require(matching.matches([slip(1, "1", 5_000, tender)], [line(1, 5_000, text)]).first)
        #expect(match.rule == .amountAndDate && match.reasons.count == 4)
        #expect(matching.matches([slip(1, "1", 5_000, tender)], [line(1, 5_000, "VIR DUPONT")]).isEmpty)
        let twice = [line(1, 5_000, text), line(2, 5_000, text)]
        #expect(matching.matches([slip(1, "1", 5_000, tender)], twice).isEmpty)
        let slips = [slip(1, "1", 5_000, tender), slip(2, "2", 5_000, tender)]
        #expect(matching.matches(slips, [line(1, 5_000, text)]).isEmpty)
        let late = PendingBankLine(
            id: BankLineID(1), amount: .euros(cents: 5_000), bookedOn: day.adding(days: 6), text: text)
        #expect(matching.matches([slip(1, "1", 5_000, tender)], [late]).isEmpty)
    }

    @Test func `leaves to payouts what names a provider, and to another slip what names that`() {
        let slips = [slip(1, "BORD-1", 5_000), slip(2, "BORD-2", 7_000)]
        #expect(matching.matches(slips, [line(1, 5_000, "ALMA BORD-1 CHEQUE")]).isEmpty)
        #expect(matching.matches(slips, [line(1, 5_000, "CHEQUE BORD-2")]).isEmpty)
    }

    @Test func `REC-10 takes the longest number that stands in a text, not the one that is a part of it`() {
        let slips = [slip(1, "BORD-1", 5_000), slip(2, "BORD-1-2", 5_000)]
        let (short, long) = (line(2, 5_000, "REMISE BORD 1."), line(1, 5_000, "REMISE BORD 1 2"))
        #expect(matching.matches(slips, [long]).map(\.remittance.id.value) == [2])
        let both = matching.matches(slips, [long, short]).map { [$0.remittance.id.value, $0.bankLine.id.value] }
        #expect(both == [[1, 2], [2, 1]])
    }

    @Test func `does not put together again what a person took apart`() {
        let refused: Set = [RefusedDeposit(remittance: RemittanceID(1), bankLine: BankLineID(1))]
        let slips = [slip(1, "BORD-1", 5_000)]
        #expect(matching.matches(slips, [line(1, 5_000, "BORD-1")], refusing: refused).isEmpty)
    }

    @Test func `gives the same answer in any order of arrival, never another amount`() {
        holds(seeds: 1...400) { random in
            let (slips, lines, refused) = pieces(&random, naming: 50)
            let answer = matching.matches(slips, lines, refusing: refused)
            let other = matching.matches(
                slips.shuffled(using: &random), lines.shuffled(using: &random), refusing: refused)
            return other == answer && answer.allSatisfy { $0.remittance.amount == $0.bankLine.amount }
                && Set(answer.map(\.bankLine.id)).count == answer.count
                && Set(answer.map(\.remittance.id)).count == answer.count
        }
    }

    @Test func `REC-10 points the same in any order and portions of arrival: what was pointed first may end`() {
        var ended = 0
        holds(seeds: 1...400) { random in
            let (slips, lines, refused) = pieces(&random, naming: 50)
            let whole = matching.rematch(slips, lines, besides: [], refusing: refused)
            var (slipsHere, linesHere, standing) = ([PendingRemittance](), [PendingBankLine](), [DepositMatch]())
            let order = Array(0..<slips.count + lines.count).shuffled(using: &random)
            let portion: Int = random.number(1...3)
            for start in stride(from: 0, to: order.count, by: portion) {
                for place in order[start..<min(start + portion, order.count)] {
                    if place < slips.count {
                        slipsHere.append(slips[place])
                    } else {
                        linesHere.append(lines[place - slips.count])
                    }
                }
                let (taken, matched) = (Set(standing.map(\.remittance)), Set(standing.map(\.bankLine)))
                let found = matching.rematch(
                    slipsHere.filter { !taken.contains($0) }, linesHere.filter { !matched.contains($0) },
                    besides: standing, refusing: refused)
                ended += found.ended.count
                standing = standing.filter { !found.ended.contains($0) } + found.matches
            }
            return whole.ended.isEmpty && Set(standing) == Set(whole.matches) && standing.count == whole.matches.count
        }
        #expect(ended > 50, "what came later changed something")
    }

    private func pieces(
        _ random: inout SeededGenerator, naming percent: Int
    ) -> ([PendingRemittance], [PendingBankLine], Set<RefusedDeposit>) {
        let slips = (1...8).map { number in
            PendingRemittance(
                id: RemittanceID(UInt128(number)), tender: .cheque, reference: "BORD-\(number)",
                amount: .euros(cents: random.number(1...4) * 1_000), madeOn: day.adding(days: random.number(0...6)))
        }
        let lines = (1...8).map { number in
            PendingBankLine(
                id: BankLineID(UInt128(number)), amount: .euros(cents: random.number(1...4) * 1_000),
                bookedOn: day.adding(days: random.number(0...9)),
                text: random.number(0...99) < percent ? "BORD-\(random.number(1...9))." : "REMISE CHEQUES")
        }
        let refused = (0...2).map { _ in
            RefusedDeposit(
                remittance: RemittanceID(UInt128(random.number(1...8))),
                bankLine: BankLineID(UInt128(random.number(1...8))))
        }
        return (slips, lines, Set(refused))
    }

    private func slip(
        _ id: UInt128, _ reference: String, _ amount: Int64, _ tender: Tender = .cheque
    ) -> PendingRemittance {
        PendingRemittance(
            id: RemittanceID(id), tender: tender, reference: reference, amount: .euros(cents: amount), madeOn: day)
    }

    private func line(_ id: UInt128, _ amount: Int64, _ text: String) -> PendingBankLine {
        PendingBankLine(
            id: BankLineID(id), amount: .euros(cents: amount), bookedOn: day.adding(days: 1), text: text)
    }
}
