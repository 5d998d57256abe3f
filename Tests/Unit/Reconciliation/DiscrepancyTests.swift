import PaymentModel
import ReconciliationDomain
import Testing

/// REC-5, REC-6: what waits for a person.
@Suite struct `A discrepancy` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    private func open(owner: String? = nil) -> Discrepancy {
        Discrepancy(id: DiscrepancyID(1), kind: .fee, owner: owner, isOpen: true)
    }

    @Test func `goes from one owner to another, and to nobody`() throws {
        var discrepancy = open(owner: "anna")
        try discrepancy.assign(to: "paul")
        #expect(discrepancy.owner == "paul" && discrepancy.isOpen)
        try discrepancy.assign(to: nil)
        #expect(discrepancy.owner == nil)
    }

    @Test func `is closed by a person with a reason, once`() throws {
        var discrepancy = open()
        try discrepancy.close(because: "agreed with the provider", by: "anna")
        #expect(discrepancy.closing?.author == "anna" && !discrepancy.isOpen)
        #expect(throws: Discrepancy.Rejection.closed) { try discrepancy.close(because: "again", by: "paul") }
        #expect(throws: Discrepancy.Rejection.closed) { try discrepancy.assign(to: "paul") }
        #expect(discrepancy.closing?.reason == "agreed with the provider")
    }

    @Test func `closed without an account is given one later, once`() throws {
        let before = Discrepancy.Closing(author: "anna", reason: "lost", account: nil)
        var discrepancy = Discrepancy(id: DiscrepancyID(1), kind: .amount, owner: nil, isOpen: false, closing: before)
        #expect(throws: Discrepancy.Rejection.closed) { try discrepancy.close(because: "again", by: "paul") }
        try discrepancy.close(because: "a loss", into: .shortages, by: "paul")
        #expect(discrepancy.closing?.account == .shortages && !discrepancy.isOpen)
        #expect(throws: Discrepancy.Rejection.closed) {
            try discrepancy.close(because: "no, a fee", into: .commissions, by: "anna")
        }
        // What the missing piece closed leaves nothing.
        var settled = Discrepancy(id: DiscrepancyID(1), kind: .amount, owner: nil, isOpen: false)
        #expect(throws: Discrepancy.Rejection.closed) {
            try settled.close(because: "a loss", into: .shortages, by: "paul")
        }
    }

    @Test func `leaves something that any account takes but the one it is on, the bank's and the VAT's`() throws {
        #expect(throws: Residue.Rejection.self) { try Residue(on: .suspense).check(into: .suspense) }
        for provider in Provider.allCases { try Residue(on: .clearing(provider)).check(into: .suspense) }
        for account in [.bank, .deductibleVAT, .clearing(.stripe), .cash] as [Account] {
            #expect(throws: Residue.Rejection.self) { try Residue(on: .clearing(.alma)).check(into: account) }
        }
        try Residue(on: .suspense).check(into: .commissions)
    }

    @Test func `is opened for money that is late: after its day, and only while something is owed`() {
        holds { random in
            let amount: Int64 = random.number(1...100_000)
            let refunded: Int64 = random.number(0...amount)
            let fee: Int64 = random.number(0...500)
            let expected = ExpectedSettlement(
                payment: PaymentID(1), amount: .euros(cents: amount), refunded: .euros(cents: refunded),
                fee: .euros(cents: fee), feeVAT: .euros(cents: fee / 5))
            let days: Int = random.number(-3...3)
            let isOwed = amount - refunded - fee - fee / 5 > 0
            return try expected.isLate(expectedOn: day, on: day.adding(days: days)) == (days > 0 && isOwed)
        }
    }

    @Test func `of every kind is planted on the demonstration day`() throws {
        let script = String(decoding: try Checkout.bytes("deploy/demonstration/books.py"), as: UTF8.self)
        let listed = try #require(script.firstRange(of: "KINDS = ("))
        let kinds = script[listed.upperBound...].prefix { $0 != ")" }.split { !$0.isLetter && $0 != "-" }
        #expect(Set(kinds.map(String.init)) == Set(DiscrepancyKind.allCases.map(\.rawValue)))
    }
}
