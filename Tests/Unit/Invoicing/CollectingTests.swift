import InvoicingDomain
import PaymentModel
import Testing

/// INV-6, INV-7: what may be taken at the till, and how.
@Suite struct `Taking money at the till` {
    private let rules = CollectingRules.standard
    private let cheque = Cheque(number: "0000042", bank: nil, drawer: nil)

    @Test func `INV-7: takes cash up to the legal ceiling and not a cent more`() throws {
        let cash = try method(.cash)
        try rules.admit(cents(100_000), by: cash, tendered: nil, cheque: nil)
        #expect(throws: CollectingRejection.cashAboveCeiling(cents(100_000))) {
            try rules.admit(cents(100_001), by: cash, tendered: nil, cheque: nil)
        }
        try rules.admit(cents(100_001), by: try method(.card), tendered: nil, cheque: nil)
    }

    @Test(arguments: [CashSale.debt(.invoice(InvoiceID(1))), .quote(QuoteID(1))])
    func `INV-7: a sale is not paid with more cash by paying it in parts`(sale: CashSale) throws {
        let other = CashSale.debt(.receivable(ReceivableID(1)))
        try rules.admitCash([(sale, cents(40_000)), (other, cents(60_000))], earlier: [sale: cents(60_000)])
        let rejection = CollectingRejection.saleAboveCashCeiling(
            sale, ceiling: cents(100_000), earlier: cents(60_000))
        for parts in [[40_001], [20_000, 20_001]] as [[Int64]] {
            #expect(throws: rejection) {
                try rules.admitCash(parts.map { (sale, cents($0)) }, earlier: [sale: cents(60_000)])
            }
        }
    }

    @Test func `INV-7: gives change for cash only, and never less than was to be paid`() throws {
        let cash = try method(.cash)
        try rules.admit(cents(4_250), by: cash, tendered: cents(5_000), cheque: nil)
        let note = TillNote(
            kind: .cash, payer: .theClient, collectedBy: "Ada", tendered: cents(5_000), cheque: nil, notes: nil)
        #expect(note.change(of: cents(4_250)) == cents(750))
        #expect(throws: CollectingRejection.tenderedTooLittle(cents(4_250))) {
            try rules.admit(cents(4_250), by: cash, tendered: cents(4_249), cheque: nil)
        }
        #expect(throws: CollectingRejection.tenderedWithoutCash) {
            try rules.admit(cents(100), by: try method(.card), tendered: cents(100), cheque: nil)
        }
    }

    @Test func `INV-7: a cheque is described, and nothing else is`() throws {
        try rules.admit(cents(100), by: try method(.cheque), tendered: nil, cheque: cheque)
        #expect(throws: CollectingRejection.chequeMissing) {
            try rules.admit(cents(100), by: try method(.cheque), tendered: nil, cheque: nil)
        }
        #expect(throws: CollectingRejection.chequeWithoutCheque) {
            try rules.admit(cents(100), by: try method(.transfer), tendered: nil, cheque: cheque)
        }
    }

    @Test func `INV-6: the till takes no method that is not used, nor one whose provider tells of it`() throws {
        var card = try method(.card)
        card.isActive = false
        #expect(throws: CollectingRejection.methodNotUsed("card")) {
            try rules.admit(cents(100), by: card, tendered: nil, cheque: nil)
        }
        for kind in [MethodKind.alma, .stripe, .paypal] {
            #expect(throws: CollectingRejection.methodArrivesByItself(kind.rawValue)) {
                try rules.admit(cents(100), by: try method(kind), tendered: nil, cheque: nil)
            }
        }
    }

    @Test func `INV-6: every kind but the others has a French default, and only providers are paid online`() {
        let kinds = PaymentMethod.defaults.map(\.kind)
        #expect(Set(kinds) == Set(MethodKind.allCases).subtracting([.other]) && Set(kinds).count == kinds.count)
        for method in PaymentMethod.defaults {
            #expect(method.isOnline == method.kind.arrivesByItself && method.code == method.kind.rawValue)
            #expect(method.account.count == 6 && method.account.allSatisfy(\.isNumber))
        }
    }

    @Test func `INV-7: an English receipt calls a method by its English name, unless the organisation has its own`()
        throws
    {
        let labels = PaymentMethod.defaults.map { $0.label(in: .english) }
        #expect(labels == ["Cash", "Cheque", "Card", "Transfer", "Direct debit", "Alma", "Stripe", "PayPal"])
        #expect(PaymentMethod.defaults.allSatisfy { $0.label(in: .french) == $0.label })
        var own = try method(.cash)
        own.label = "Caisse de l'accueil"
        #expect(own.label(in: .english) == "Caisse de l'accueil")
    }

    @Test func `INV-7: money is taken today or some days ago, not tomorrow, nor in a year mistyped`() throws {
        let today = try #require(LocalDate("2026-11-27"))
        let (first, tomorrow) = (today.adding(days: -364), today.adding(days: 1))
        for day in [today, today.adding(days: -30), first] { try CollectingRules.admit(day, today: today) }
        #expect(throws: CollectingRejection.notYet(today: today)) {
            try CollectingRules.admit(tomorrow, today: today)
        }
        for text in ["2025-11-27", "2015-11-27", "0026-11-27"] {
            let day = try #require(LocalDate(text))
            #expect(throws: CollectingRejection.tooLongAgo(first: first)) {
                try CollectingRules.admit(day, today: today)
            }
        }
        let leap = try #require(LocalDate("2028-12-01"))
        #expect(throws: CollectingRejection.self) { try CollectingRules.admit(leap.adding(months: -12), today: leap) }
    }

    private func method(_ kind: MethodKind) throws -> PaymentMethod {
        try #require(PaymentMethod.defaults.first { $0.kind == kind })
    }
}
