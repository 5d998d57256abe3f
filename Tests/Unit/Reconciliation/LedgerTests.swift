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
                try Booking.adjustment(
                    fee, fee: other, vat: other.share(BasisPoints(2000)), by: .stripe, on: day),
            ]
            let undone = try Booking.contrary(of: entries[3])
            return (entries + [undone]).allSatisfy { entry in
                entry.lines.reduce(0) { $0 + $1.amount.minorUnits } == 0
            }
        }
    }

    @Test func `REC-8 owes and deducts the VAT of a fee from abroad, unless the provider charged it`() throws {
        let (fee, none) = (Money.euros(cents: 325), Money.zero(.eur))
        let abroad = try Booking.fee(fee, vat: none, by: .stripe, on: day, tax: .usual(of: .stripe))
        let sums = Dictionary(abroad.lines.map { ($0.account, $0.amount.minorUnits) }, uniquingKeysWith: +)
        #expect(sums == [.commissions: 325, .deductibleVAT: 65, .selfAssessedVAT: -65, .clearing(.stripe): -325])
        let charged = try Booking.fee(fee, vat: .euros(cents: 65), by: .stripe, on: day, tax: .usual(of: .stripe))
        #expect(!charged.lines.contains { $0.account == .selfAssessedVAT })
        let french = try Booking.fee(fee, vat: none, by: .alma, on: day, tax: .usual(of: .alma))
        #expect(french.lines.count == 2)
        let back = try Booking.fee(try fee.negated(), vat: none, by: .paypal, on: day, tax: .usual(of: .paypal))
        #expect(back.lines.first { $0.account == .selfAssessedVAT }?.amount == .euros(cents: 65))
    }

    @Test func `REC-8 a fee that was thought to have VAT and comes from abroad has none, and the clinic owes its own`()
        throws
    {
        let settlement = ExpectedSettlement(
            payment: PaymentID(1), amount: .euros(cents: 9_000), refunded: .zero(.eur), fee: .euros(cents: 100),
            feeVAT: .euros(cents: 20))
        let line = SettlementLine(
            kind: .payment, reference: "txn_1", paymentReference: nil, payoutReference: "po_1",
            gross: .euros(cents: 9_000), fee: .euros(cents: 155))
        let kept = try settlement.kept(by: line, taxed: .reverseCharge)
        #expect(kept == KeptFee(fee: .euros(cents: 155), vat: .zero(.eur)))
        let entry = try Booking.feeCorrection(
            from: settlement.toldFee, owing: .zero(.eur), to: kept, by: .stripe, on: day, tax: .usual(of: .stripe))
        let sums = Dictionary(entry.lines.map { ($0.account, $0.amount.minorUnits) }, uniquingKeysWith: +)
        #expect(sums == [.commissions: 55, .deductibleVAT: 11, .selfAssessedVAT: -31, .clearing(.stripe): -35])
        #expect(try entry.selfAssessed(in: .eur) == .euros(cents: 31))
    }

    @Test(arguments: [
        FeeTax.usual(of: .stripe), FeeTax(.charged, rate: BasisPoints(2_000)), FeeTax(.exempt, rate: BasisPoints(0)),
    ])
    func `REC-8 a fee that the provider charges VAT on after all is owed no more, whatever was said of it meanwhile`(
        tax: FeeTax
    ) throws {
        let (told, none) = (KeptFee(fee: .euros(cents: 325), vat: .zero(.eur)), Money.zero(.eur))
        let owed = try Booking.fee(told.fee, vat: none, by: .stripe, on: day, tax: .usual(of: .stripe))
            .selfAssessed(in: .eur)
        #expect(owed == .euros(cents: 65))
        let kept = KeptFee(fee: .euros(cents: 340), vat: .euros(cents: 68))
        let entry = try Booking.feeCorrection(from: told, owing: owed, to: kept, by: .stripe, on: day, tax: tax)
        let sums = Dictionary(entry.lines.map { ($0.account, $0.amount.minorUnits) }, uniquingKeysWith: +)
        #expect(sums == [.commissions: 15, .deductibleVAT: 3, .selfAssessedVAT: 65, .clearing(.stripe): -83])
    }

    @Test(
        arguments: [
            (240, nil, 200, 40), (240, 10, 230, 10), (120, 0, 120, 0), (120, nil, 100, 20), (-12, nil, -10, -2),
        ] as [(Int64, Int64?, Int64, Int64)])
    func `REC-8 of a fee the line's own word on its VAT decides, else what was told of it`(
        kept: Int64, told: Int64?, fee: Int64, vat: Int64
    ) throws {
        let settlement = ExpectedSettlement(
            payment: PaymentID(1), amount: .euros(cents: 9_000), refunded: .zero(.eur), fee: .euros(cents: 100),
            feeVAT: .euros(cents: 20))
        let line = SettlementLine(
            kind: .payment, reference: "txn_1", paymentReference: nil, payoutReference: "po_1",
            gross: .euros(cents: 9_000), fee: .euros(cents: kept),
            feeVAT: told.map { .euros(cents: $0) })
        #expect(
            try settlement.kept(by: line, taxed: .charged)
                == KeptFee(fee: .euros(cents: fee), vat: .euros(cents: vat)))
        #expect(try settlement.keepsOther(by: line) == (fee != 100 || vat != 20))
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
        let found = { (lines: [SettlementLine]) in try expected().discrepancies(with: lines) }
        #expect(try found([line(.payment, gross: 9_000, fee: 389)]) == [:])
        #expect(try found([line(.payment, gross: 8_999, fee: 389)]) == ["txn": .amount])
        #expect(try found([line(.payment, gross: 9_000, fee: 390)]) == ["txn": .fee])
        #expect(try found([line(.refund, gross: -100, fee: 0)]) == ["txn": .amount])
    }

    @Test func `finds what was settled twice, and refunds that are more than ours together`() throws {
        let payments = ["b", "a"].map { line(.payment, $0, gross: 9_000, fee: 389) }
        #expect(try expected().discrepancies(with: payments) == ["b": .duplicate])
        let refunds = ["a", "b", "c"].map { line(.refund, $0, gross: -50, fee: 0) }
        #expect(try expected(refunded: 100).discrepancies(with: refunds) == ["c": .amount])
    }

    @Test func `REC-5 says by how much a line is wrong, not what all of it is`() throws {
        func wrong(_ line: SettlementLine, refunded: Int64 = 0, _ others: [SettlementLine] = []) throws -> Int64 {
            let (told, lines) = (expected(refunded: refunded), others + [line])
            let kind = try #require(try told.discrepancies(with: lines)[line.reference])
            return try told.difference(in: line, kind, among: lines).minorUnits
        }
        #expect(try wrong(line(.payment, gross: 9_000, fee: 390)) == 1)
        #expect(try wrong(line(.payment, gross: 9_000, fee: 380)) == -9)
        #expect(try wrong(line(.payment, gross: 8_900, fee: 380)) == -100)
        #expect(try wrong(line(.payment, gross: 9_100, fee: 389)) == 100)
        #expect(try wrong(line(.refund, gross: -100, fee: 0)) == -100, "nothing told of it")
        #expect(try wrong(line(.refund, gross: -100, fee: 0), refunded: 70) == -30, "told in part")
        let earlier = line(.refund, "a", gross: -50, fee: 0)
        #expect(try wrong(line(.refund, "b", gross: -50, fee: 0), refunded: 60, [earlier]) == -40)
        #expect(try wrong(line(.dispute, gross: -200, fee: 0)) == -200)
    }

    @Test func `REC-3 names a dispute until it is won`() throws {
        let payment = line(.payment, "a", gross: 9_000, fee: 389)
        let (taken, won) = (line(.dispute, "b", gross: -9_000, fee: 1_500), line(.dispute, "c", gross: 9_000, fee: 0))
        #expect(try expected().discrepancies(with: [payment, taken]) == ["b": .dispute])
        #expect(try expected().discrepancies(with: [won, payment, taken]) == [:])
    }

    @Test func `REC-5 names no line that the events tell of, withheld or come back`() throws {
        let (taken, back) = (line(.dispute, "b", gross: -9_000, fee: 0), line(.dispute, "c", gross: 9_000, fee: 0))
        #expect(try expected(withheld: 9_000).discrepancies(with: [taken]) == [:])
        #expect(
            try expected(withheld: 9_000).discrepancies(with: [taken, back]) == ["b": .dispute, "c": .dispute])
        let (given, returned) = (line(.refund, "d", gross: -70, fee: 0), line(.refund, "e", gross: 70, fee: 0))
        #expect(try expected().discrepancies(with: [given]) == ["d": .amount])
        #expect(try expected(returned: 70).discrepancies(with: [given]) == [:])
        #expect(try expected(returned: 70).discrepancies(with: [given, returned]) == [:])
        let again = line(.refund, "f", gross: -70, fee: 0)
        #expect(try expected(returned: 70).discrepancies(with: [given, again, returned]) == ["f": .amount])
    }

    @Test func `is held against its payment in any order of its lines`() {
        holds { random in
            let kinds: [SettlementLine.Kind] = [.payment, .refund, .dispute]
            let lines = (1...6).map { number in
                line(
                    kinds[random.number(0...2)], "txn_\(number)",
                    gross: random.number(-100...100), fee: random.number(0...3))
            }
            let answer = try expected(refunded: 60).discrepancies(with: lines)
            return try expected(refunded: 60).discrepancies(with: lines.shuffled(using: &random)) == answer
        }
    }

    private func expected(
        refunded: Int64 = 0, returned: Int64 = 0, withheld: Int64 = 0
    ) -> ExpectedSettlement {
        ExpectedSettlement(
            payment: PaymentID(1), amount: .euros(cents: 9_000), refunded: .euros(cents: refunded),
            returned: .euros(cents: returned), withheld: .euros(cents: withheld),
            fee: .euros(cents: 324), feeVAT: .euros(cents: 65))
    }

    private func line(
        _ kind: SettlementLine.Kind, _ reference: String = "txn", gross: Int64, fee: Int64
    ) -> SettlementLine {
        SettlementLine(
            kind: kind, reference: reference, paymentReference: "payment_1", payoutReference: "payout_1",
            gross: .euros(cents: gross), fee: .euros(cents: fee))
    }
}

/// REC-5: every cent of a payment is at the bank or has a name.
@Suite struct `The trail of a payment` {
    private func expected(_ amount: Int64, refunded: Int64 = 0, returned: Int64 = 0, withheld: Int64 = 0, fee: Int64)
        -> ExpectedSettlement
    {
        ExpectedSettlement(
            payment: PaymentID(1), amount: .euros(cents: amount), refunded: .euros(cents: refunded),
            returned: .euros(cents: returned), withheld: .euros(cents: withheld), fee: .euros(cents: fee),
            feeVAT: .euros(cents: fee / 5))
    }

    private func told(
        _ kind: SettlementLine.Kind, _ gross: Int64, fee: Int64 = 0, hasArrived: Bool, isWithoutBankLine: Bool = false
    ) -> PaymentTrail.Told {
        PaymentTrail.Told(
            SettlementLine(
                kind: kind, reference: "txn", paymentReference: "p", payoutReference: "po",
                gross: .euros(cents: gross), fee: .euros(cents: fee)), hasArrived: hasArrived,
            isWithoutBankLine: isWithoutBankLine)
    }

    private func names(_ trail: PaymentTrail) -> [String] {
        trail.open.map { "\($0.leg.rawValue) \($0.because.rawValue) \($0.amount.minorUnits)" }
    }

    @Test func `leaves no cent without a name, whatever a provider tells`() {
        holds { random in
            let amount: Int64 = random.number(2_000...100_000)
            let owed = expected(
                amount, refunded: random.number(0...500), returned: random.number(0...500),
                withheld: random.number(0...500), fee: random.number(0...500))
            let lines = (0..<(random.number(0...6) as Int)).map { _ in
                told(
                    SettlementLine.Kind.allCases.randomElement(using: &random) ?? .payment,
                    random.number(-1_000...amount), fee: random.number(-50...500),
                    hasArrived: Bool.random(using: &random), isWithoutBankLine: Bool.random(using: &random))
            }
            let trail = try PaymentTrail(of: owed, by: lines)
            let parts = try trail.arrived.adding(trail.remainder).adding(trail.charged)
            return try parts == owed.net()
                && trail.open.allSatisfy { !$0.amount.isZero && $0.because != .none }
                && trail.open.isEmpty == (trail.because == .none)
                && trail.remainder == Money.sum(trail.open.map(\.amount), in: .eur)
        }
    }

    @Test func `REC-5 what was paid out leaves a refund open that another payout will take`() throws {
        let expected = expected(9_000, refunded: 500, fee: 300)
        let paid = told(.payment, 9_000, fee: 360, hasArrived: true)
        let untold = try PaymentTrail(of: expected, by: [paid])
        #expect(names(untold) == ["refund not-settled -500"] && untold.because == .notSettled)
        #expect(untold.arrived == .euros(cents: 8_640) && untold.remainder == .euros(cents: -500))
        let taken = try PaymentTrail(of: expected, by: [paid, told(.refund, -500, hasArrived: false)])
        #expect(names(taken) == ["refund under-way -500"] && taken.because == .underWay)
        let done = try PaymentTrail(of: expected, by: [paid, told(.refund, -500, fee: -18, hasArrived: true)])
        #expect(done.open == [] && done.because == .none && done.charged == .euros(cents: -18))
    }

    @Test func `REC-5 names a dispute, and a refund that came back, by the leg they are`() throws {
        let paid = told(.payment, 9_000, fee: 360, hasArrived: true)
        let disputed = try PaymentTrail(
            of: expected(9_000, withheld: 9_000, fee: 300),
            by: [paid, told(.dispute, -9_000, fee: 1_500, hasArrived: false)])
        #expect(names(disputed) == ["dispute under-way -10500"] && disputed.charged == .euros(cents: 1_500))
        let returned = try PaymentTrail(
            of: expected(9_000, returned: 500, fee: 300), by: [paid, told(.refund, -500, hasArrived: true)])
        #expect(names(returned) == ["refund not-settled 500"])
        let more = try PaymentTrail(
            of: expected(9_000, refunded: 100, fee: 300), by: [paid, told(.refund, -500, hasArrived: true)])
        #expect(names(more) == ["refund settled-otherwise 400"])
    }

    @Test func `REC-2 REC-5 what came without a bank line is not at the bank, whatever its refund is in`() throws {
        for isWithout in [true, false] {
            let trail = try PaymentTrail(
                of: expected(9_000, refunded: 500, fee: 0),
                by: [
                    told(.payment, 9_000, hasArrived: true, isWithoutBankLine: isWithout),
                    told(.refund, -500, hasArrived: true, isWithoutBankLine: !isWithout),
                ])
            #expect(trail.whereabouts == (isWithout ? .withoutBankLine : .bank))
            let elsewhere = isWithout ? "payment without-a-bank-line 9000" : "refund without-a-bank-line -500"
            #expect(names(trail) == [elsewhere] && trail.because == .withoutBankLine)
            #expect(trail.arrived == .euros(cents: isWithout ? -500 : 9_000))
        }
    }

    @Test func `REC-5 a line of another currency settles nothing and says so`() throws {
        let francs = try #require(Currency("CHF"))
        let line = SettlementLine(
            kind: .payment, reference: "txn", paymentReference: "p", payoutReference: "po", gross: Money(9_000, francs),
            fee: .zero(francs))
        let trail = try PaymentTrail(
            of: expected(9_000, fee: 300), by: [PaymentTrail.Told(line, hasArrived: true)])
        #expect(names(trail) == ["payment settled-otherwise 8640"])
    }
}
