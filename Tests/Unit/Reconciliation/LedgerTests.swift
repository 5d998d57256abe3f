import PaymentModel
import ReconciliationDomain
import Testing

/// REC-8: double entry, every entry balanced.
@Suite struct `A ledger entry` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    @Test func `that does not balance cannot be made`() {
        #expect(throws: LedgerEntry.Rejection.unbalanced(by: .euros(cents: 1))) {
            try LedgerEntry(.fee, on: day, in: .eur, [.debit(.bank, .euros(cents: 1))])
        }
    }

    @Test func `balances for every booking of any amounts`() {
        holds { random in
            let amount = Money.euros(cents: random.number(1...10_000_000))
            let fee = Money.euros(cents: random.number(-50_000...50_000))
            let other = Money.euros(cents: random.number(0...10_000_000))
            let entries = [
                try Booking.payment(amount, by: .alma, held: Bool.random(using: &random), on: day),
                try Booking.fee(fee, vat: fee.share(BasisPoints(2000)), by: .alma, on: day),
                try Booking.refund(amount, by: .alma, held: Bool.random(using: &random), on: day),
                try Booking.payout(received: amount, explained: other, from: .alma, on: day),
            ]
            let undone = try Booking.contrary(of: entries[3], on: day)
            return (entries + [undone]).allSatisfy { entry in
                entry.lines.reduce(0) { $0 + $1.amount.minorUnits } == 0
            }
        }
    }

    @Test func `leaves the clearing account empty once a payment is paid out`() throws {
        let amount = Money.euros(cents: 9_000), fee = Money.euros(cents: 324), vat = Money.euros(cents: 65)
        let net = try amount.subtracting(fee).subtracting(vat)
        let entries = [
            try Booking.payment(amount, by: .alma, held: false, on: day),
            try Booking.fee(fee, vat: vat, by: .alma, on: day),
            try Booking.payout(received: net, explained: net, from: .alma, on: day),
        ]
        let clearing = entries.flatMap(\.lines).filter { $0.account == .clearing(.alma) }
        #expect(clearing.reduce(0) { $0 + $1.amount.minorUnits } == 0)
    }
}

/// REC-5: which bank line is which payout.
@Suite struct `Matching payouts with the bank` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let matching = PayoutMatching(windowDays: 5)

    @Test func `believes a reference, and shows the difference`() throws {
        let match = try #require(
            matching.matches([payout(1, "payout_abc", 5_000)], [line(1, 4_990, "VIR ALMA PAYOUT_ABC")]).first)
        #expect(match.rule == .reference)
        #expect(match.difference == .euros(cents: -10))
    }

    @Test func `takes amount, date and name when they fit one pair only`() {
        let payouts = [payout(1, "payout_a", 5_000), payout(2, "payout_b", 7_000)]
        let lines = [line(1, 7_000, "VIR ALMA SAS"), line(2, 5_000, "VIR ALMA SAS"), line(3, 5_000, "VIR DUPONT")]
        let pairs = matching.matches(payouts, lines).map { [$0.payout.id.value, $0.bankLine.id.value] }
        #expect(pairs == [[1, 2], [2, 1]])
    }

    @Test func `leaves an ambiguity to a person`() {
        let payouts = [payout(1, "payout_a", 5_000), payout(2, "payout_b", 5_000)]
        let lines = [line(1, 5_000, "VIR ALMA"), line(2, 5_000, "VIR ALMA")]
        #expect(matching.matches(payouts, lines).isEmpty)
    }

    @Test func `gives the same answer in any order of arrival`() {
        holds(seeds: 1...200) { random in
            let payouts = (1...8).map { payout($0, "payout_\($0)", Int64(random.number(1...4)) * 1_000) }
            let lines = (1...8).map { number in
                line(
                    number, Int64(random.number(1...4)) * 1_000,
                    random.number(0...1) == 0 ? "ALMA payout_\(random.number(1...8))." : "VIR ALMA")
            }
            let answer = matching.matches(payouts, lines)
            return matching.matches(payouts.shuffled(using: &random), lines.shuffled(using: &random)) == answer
        }
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

/// REC-3, C-26: a payout is the sum of its lines, or the remainder has a name.
@Suite struct `A payout` {
    @Test func `explains itself to the cent`() throws {
        let lines = [
            line(.payment, gross: 9_000, fee: 389), line(.payment, gross: 12_000, fee: 151),
            line(.refund, gross: -1_000, fee: 0),
        ]
        let explanation = try PayoutExplanation(of: .euros(cents: 19_460), by: lines)
        #expect(explanation.explained == .euros(cents: 19_460) && explanation.remainder.isZero)
        #expect(try PayoutExplanation(of: .euros(cents: 19_450), by: lines).remainder == .euros(cents: -10))
    }

    @Test func `finds what the provider settled otherwise than it announced`() throws {
        let expected = ExpectedSettlement(
            payment: PaymentID(1), amount: .euros(cents: 9_000), refunded: .euros(cents: 0), fee: .euros(cents: 324),
            feeVAT: .euros(cents: 65))
        #expect(try expected.discrepancy(with: line(.payment, gross: 9_000, fee: 389)) == nil)
        #expect(try expected.discrepancy(with: line(.payment, gross: 8_999, fee: 389)) == .amount)
        #expect(try expected.discrepancy(with: line(.payment, gross: 9_000, fee: 390)) == .fee)
        #expect(try expected.discrepancy(with: line(.refund, gross: -100, fee: 0)) == .amount)
    }

    private func line(_ kind: SettlementLine.Kind, gross: Int64, fee: Int64) -> SettlementLine {
        SettlementLine(
            kind: kind, reference: "txn", paymentReference: "payment_1", payoutReference: "payout_1",
            gross: .euros(cents: gross), fee: .euros(cents: fee))
    }
}
