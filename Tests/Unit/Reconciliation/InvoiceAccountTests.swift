import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5: every cent of an invoice is taken off it, at the bank, or has a name.
@Suite struct `The account of an invoice` {
    private func standing(
        _ total: Int64, credited: Int64 = 0, writtenOff: Int64 = 0, due: Int64, freed: Int64 = 0, refunded: Int64 = 0
    ) -> InvoiceAccount.Standing {
        InvoiceAccount.Standing(
            total: .euros(cents: total), credited: .euros(cents: credited), writtenOff: .euros(cents: writtenOff),
            due: .euros(cents: due), freed: .euros(cents: freed), refunded: .euros(cents: refunded))
    }

    private func counted(
        _ way: InvoiceAccount.Way, _ amount: Int64, _ place: Whereabouts = .bank, refunded: Int64 = 0, lost: Int64 = 0
    ) -> InvoiceAccount.Counted {
        InvoiceAccount.Counted(
            way, .euros(cents: amount), parts: [.init(place, .euros(cents: max(0, amount)))],
            refunded: .euros(cents: refunded), lost: .euros(cents: lost))
    }

    private func names(_ account: InvoiceAccount) -> [String] {
        account.open.map { "\($0.whereabouts.rawValue) \($0.amount.minorUnits)" }
    }

    @Test func `REC-5 adds up to the cent, whatever is told`() {
        let places = Whereabouts.allCases.filter { ![.held, .open, .unexplained].contains($0) }
        holds { random in
            let told = standing(
                random.number(0...20_000), credited: random.number(0...5_000), writtenOff: random.number(0...5_000),
                due: random.number(0...20_000), freed: random.number(0...3_000), refunded: random.number(0...3_000))
            let money = (0..<(random.number(0...5) as Int)).map { _ in
                counted(
                    InvoiceAccount.Way.allCases.randomElement(using: &random) ?? .online,
                    random.number(-2_000...9_000), places.randomElement(using: &random) ?? .bank,
                    refunded: random.number(0...2_000), lost: random.number(0...2_000))
            }
            let account = try InvoiceAccount(
                told, counted: money, held: .euros(cents: random.number(0...9_000)))
            let unexplained = account.open.filter { $0.whereabouts == .unexplained }.map(\.amount)
            let parts = [told.credited, told.writtenOff, account.atTheBank, account.remainder]
            let words = [told.credited, told.writtenOff, told.due] + account.paid.map(\.amount)
            return try Money.sum(parts, in: .eur) == told.total
                && Money.sum(account.open.map(\.amount), in: .eur) == account.remainder
                && account.open.allSatisfy { !$0.amount.isZero && $0.whereabouts != .bank }
                && Money.sum(words + unexplained, in: .eur) == told.total
        }
    }

    @Test func `REC-5 what was paid and is at the bank leaves nothing`() throws {
        let money = [counted(.online, 3_000), counted(.cheque, 6_000)]
        let account = try InvoiceAccount(standing(9_000, due: 0), counted: money, held: .zero(.eur))
        #expect(account.open == [] && account.remainder.isZero && account.atTheBank == .euros(cents: 9_000))
        #expect(account.paid.map { "\($0.way) \($0.amount.minorUnits)" } == ["online 3000", "cheque 6000"])
    }

    @Test func `REC-5 what is not there is open, held, or where it waits`() throws {
        let money = [counted(.online, 2_000, .underWay), counted(.cash, 1_000, .till)]
        let account = try InvoiceAccount(standing(9_000, due: 6_000), counted: money, held: .euros(cents: 4_000))
        #expect(names(account) == ["under-way 2000", "at-the-till 1000", "held 4000", "open 2000"])
    }

    @Test func `REC-5 what was given back is taken off the money that went back, the newest first`() throws {
        let money = [counted(.cash, 4_000), counted(.online, 3_000, .underWay, refunded: 3_000), counted(.card, 2_000)]
        let account = try InvoiceAccount(
            standing(9_000, credited: 3_000, due: 0, refunded: 3_000), counted: money, held: .zero(.eur))
        #expect(account.open == [] && account.atTheBank == .euros(cents: 6_000))
        let freed = try InvoiceAccount(
            standing(9_000, credited: 2_500, due: 0, freed: 2_500), counted: money, held: .zero(.eur))
        #expect(freed.paid.map { "\($0.way) \($0.amount.minorUnits)" } == ["online 2500", "cash 4000"])
    }

    @Test func `REC-5 a lost dispute is charged back and due; any other gap is unexplained`() throws {
        let money = [counted(.online, 9_000, lost: 9_000)]
        let lost = try InvoiceAccount(standing(9_000, due: 9_000), counted: money, held: .zero(.eur))
        #expect(lost.chargedBack == .euros(cents: 9_000) && names(lost) == ["open 9000"])
        let gap = try InvoiceAccount(
            standing(9_000, due: 9_000), counted: [counted(.online, 9_000)], held: .zero(.eur))
        #expect(names(gap) == ["open 9000", "unexplained -9000"] && gap.remainder.isZero == true)
        let untold = try InvoiceAccount(standing(9_000, due: 0), counted: [], held: .zero(.eur))
        #expect(names(untold) == ["unexplained 9000"])
    }
}
