import EventContract
import HTTPServer
import PaymentModel
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Disputes and refunds that come back` {
        @Test func `REC-1 REC-6 withhold the money of a payment; lost, the client owes it again`() async throws {
            let story = try DisputeStory(outcome: .lost)
            try await story.books.tell(story.payment)
            try await story.tell(.opened)
            #expect(try await story.books.balances()["467000"] == 20_000)
            #expect(try await story.books.balances()["511600"] == -story.payment.fee - story.payment.vat)
            #expect(try await story.books.discrepancies() == ["dispute dp_1 20000"])
            let trail = try await story.trail()
            #expect(trail["withheld"]?["minorUnits"]?.integer == 20_000)
            #expect(trail["disputes"]?.elements?.first?["reference"]?.text == "dp_1")
            #expect(trail["expected"]?["minorUnits"]?.integer == -story.payment.fee - story.payment.vat)
            try await story.tell(.closed)
            #expect(try await story.books.balances()["467000"] == nil)
            #expect(try await story.books.balances()["411000"] == nil, "what was paid is due again")
            #expect(try await story.books.discrepancies() == [])
            let labels = try await story.trail()["entries"]?.elements?.compactMap { $0["label"]?.text } ?? []
            #expect(labels.contains("Litige ouvert") && labels.contains("Litige clos"), "\(labels)")
            #expect(try await story.books.breaches() == [])
        }

        @Test func `REC-8 a lost dispute of money that was held is no longer held`() async throws {
            var story = try DisputeStory(outcome: .lost)
            story.payment.isHeld = true
            try await story.books.tell(story.payment)
            for step in [DisputeStory.Step.opened, .closed] { try await story.tell(step) }
            #expect(try await story.books.balances()["419100"] == nil)
            #expect(try await story.books.balances()["411000"] == nil)
        }

        @Test(arguments: [DisputeClosedV1.Outcome.lost, .won], 1...6 as ClosedRange<UInt64>)
        func `REC-5 REC-8 are the same, whether events or reports tell of them first`(
            outcome: DisputeClosedV1.Outcome, seed: UInt64
        ) async throws {
            let story = try DisputeStory(outcome: outcome)
            let events: [DisputeStory.Step] = [.accepted, .opened, .closed]
            let reports: [DisputeStory.Step] = outcome == .won ? [.report, .reversal] : [.report]
            let order = events.shuffledInto(reports, seed: seed)
            for step in order {
                try await story.tell(step)
                #expect(try await story.books.breaches() == [], "seed \(seed) after \(step) of \(order)")
            }
            let (fee, vat) = (story.payment.fee, story.payment.vat)
            let isWon = outcome == .won
            let net = story.payment.net - 1_500 - (isWon ? 0 : 20_000)
            let expected = [
                "411000": isWon ? -20_000 : 0, "627000": fee + 1_500, "445660": vat, "511600": net,
            ]
            #expect(try await story.books.balances() == expected.filter { $0.value != 0 }, "seed \(seed): \(order)")
            #expect(try await story.books.discrepancies() == [], "seed \(seed): \(order)")
            try await story.books.expectBalanced()
            try await story.expectRowsOfPayouts("seed \(seed): \(order)")
        }

        @Test(arguments: [true, false], 1...6 as ClosedRange<UInt64>)
        func `REC-1 REC-5 REC-8 lost in part take what was charged back, however and whenever the lines tell it`(
            inOneLine: Bool, seed: UInt64
        ) async throws {
            var story = try DisputeStory(outcome: .lost)
            (story.chargedBack, story.isInOneLine) = (5_000, inOneLine)
            let order = [DisputeStory.Step.accepted, .opened, .closed].shuffledInto(
                inOneLine ? [.report] : [.report, .reversal], seed: seed)
            for step in order {
                try await story.tell(step)
                #expect(try await story.books.breaches() == [], "seed \(seed) after \(step) of \(order)")
            }
            let expected = [
                "411000": -15_000, "627000": story.payment.fee + 1_500, "445660": story.payment.vat,
                "511600": story.payment.net - 1_500 - 5_000,
            ]
            #expect(try await story.books.balances() == expected, "seed \(seed): \(order)")
            #expect(try await story.books.discrepancies() == [], "seed \(seed): \(order)")
            let trail = try await story.trail()
            #expect(trail["withheld"]?["minorUnits"]?.integer == 5_000, "\(trail)")
            #expect(trail["disputes"]?.elements?.first?["chargedBack"]?["minorUnits"]?.integer == 5_000, "\(trail)")
            try await story.books.expectBalanced()
            try await story.expectRowsOfPayouts("seed \(seed): \(order)")
        }

        @Test func `REC-3 what only a report tells of a dispute waits on its own account`() async throws {
            let story = try DisputeStory(outcome: .won)
            for step in [DisputeStory.Step.accepted, .report] { try await story.tell(step) }
            #expect(try await story.books.balances()["471000"] == 20_000)
            #expect(try await story.books.discrepancies() == ["dispute txn_taken -20000"])
            try await story.tell(.opened)
            #expect(try await story.books.balances()["471000"] == nil)
            #expect(try await story.books.balances()["467000"] == 20_000)
        }

        @Test(arguments: [true, false])
        func `REC-6 a dispute in another currency takes none of the payment's cents, whichever is told first`(
            isPaymentFirst: Bool
        ) async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_francs", 20_000)
            let francs = try #require(Currency("CHF"))
            let opened = DisputeOpenedV1(
                paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_1",
                amount: Money(20_000, francs), reason: "fraudulent", openedOn: Books.day)
            if isPaymentFirst { try await books.tell(payment) }
            try await books.tell(opened, about: payment.id)
            if !isPaymentFirst { try await books.tell(payment) }
            #expect(try await books.balances()["411000"] == -20_000)
            #expect(try await books.balances()["467000"] == nil)
            // Either way a person sees it.
            #expect(try await books.parked().count == (isPaymentFirst ? 1 : 0))
            #expect(try await books.discrepancies() == (isPaymentFirst ? [] : ["dispute dp_1 20000"]))
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-1 REC-6 a refund that came back is booked back on its day, once`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_back", 20_000)
            let refund = RefundFacts(payment: payment, amount: 5_000)
            try await books.tell(payment)
            try await books.tell(refund)
            #expect(try await books.balances()["411000"] == -15_000)
            for _ in 0..<2 { try await books.tell(refund.returned, about: payment.id, times: 2) }
            #expect(try await books.balances()["411000"] == -20_000)
            #expect(try await books.parked() == [])
            let day = Books.day.adding(days: 3)
            #expect(try await books.journal().contains("\(day) 411000 -5000 EUR"))
            let rows = try await books.list("/v1/fees?from=\(day)&to=\(day)")
            #expect(rows.map { $0["kind"]?.text } == ["refund-returned"])
            #expect(rows.map { $0["net"]?["minorUnits"]?.integer } == [5_000])
            #expect(try await books.breaches() == [])
            // Of a refund that was never told as done there is nothing to take back.
            let failed = RefundFailedV1(
                refundID: Books.newID(), paymentID: payment.id, amount: .euros(cents: 100), reason: "declined")
            try await books.tell(failed, about: payment.id)
            #expect(try await books.balances()["411000"] == -20_000)
        }

        @Test func `REC-1 REC-6 one that reached its client after all is told as another, and booked as one`()
            async throws
        {
            let books = try Books()
            let payment = PaymentFacts("payment_after_all", 20_000)
            let refund = RefundFacts(payment: payment, amount: 5_000)
            let other = RefundFacts(payment: payment, amount: 5_000, daysLater: 5)
            try await books.tell(payment)
            try await books.tell(refund)
            try await books.tell(refund.returned, about: payment.id)
            for _ in 0..<2 { try await books.tell(other) }
            #expect(try await books.balances()["411000"] == -15_000)
            #expect(try await books.journal().contains("\(Books.day.adding(days: 5)) 411000 5000 EUR"))
            #expect(try await books.breaches() == [])
            #expect(try await books.parked() == [])
            // What the provider's report says of it fits, whether the one object stands there once or as it moved.
            try await books.importReport(ReportFile([payment.line("payout_a"), refund.line("payout_a")]).text)
            #expect(try await books.discrepancies() == [])
        }

        @Test func `REC-5 the provider's lines of a refund that came back are no discrepancy`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_lines", 20_000)
            let refund = RefundFacts(payment: payment, amount: 5_000)
            try await books.tell(payment)
            try await books.tell(refund)
            try await books.tell(refund.returned, about: payment.id)
            try await books.importReport(ReportFile([payment.line("payout_a"), refund.line("payout_a")]).text)
            #expect(try await books.discrepancies() == [])
            var back = refund.line("payout_b")
            (back.transaction, back.amount) = ("rfd_back", 5_000)
            try await books.importReport(ReportFile([back]).text)
            #expect(try await books.discrepancies() == [])
            #expect(try await books.breaches() == [])
            let rows = try await books.list("/v1/fees?from=\(Books.day)&to=\(Books.day.adding(days: 3))")
            #expect(rows.compactMap { $0["kind"]?.text }.sorted() == ["payment", "refund", "refund-returned"])
            #expect(rows.allSatisfy { $0["payoutReference"]?.text != nil })
        }

        @Test(arguments: [
            ["done", "back", "paid"], ["back", "done", "paid"], ["back", "paid", "done"], ["paid", "back", "done"],
        ])
        func `REC-1 REC-6 a refund that came back is booked back, whatever is told first`(order: [String]) async throws
        {
            let books = try Books()
            let payment = PaymentFacts("payment_early", 20_000)
            let refund = RefundFacts(payment: payment, amount: 5_000)
            for fact in order {
                switch fact {
                case "done": try await books.tell(refund)
                case "back": try await books.tell(refund.returned, about: payment.id)
                default: try await books.tell(payment)
                }
            }
            #expect(try await books.balances()["411000"] == -20_000, "\(order)")
            #expect(try await books.count("waiting_refund") == 0, "\(order)")
            #expect(try await books.count("counted_refund") == 1, "\(order)")
            #expect(try await books.breaches() == [], "\(order)")
        }

        @Test(arguments: [true, false])
        func `REC-6 a refund that came back with another amount is parked for a person`(isPaid: Bool) async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_other", 20_000)
            let refund = RefundFacts(payment: payment, amount: 5_000)
            if isPaid { try await books.tell(payment) }
            try await books.tell(refund)
            var returned = refund.returned
            returned = RefundFailedV1(
                refundID: refund.id, paymentID: payment.id, amount: .euros(cents: 4_000), reason: returned.reason,
                wasCompleted: true, failedOn: returned.failedOn)
            try await books.tell(returned, about: payment.id)
            let parked = try await books.parked()
            #expect(parked.count == 1 && parked[0].contains("another amount"), "\(parked)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-3 C-26 lines that are a dispute only together are named, each`() async throws {
            let story = try DisputeStory(outcome: .lost)
            for step in [DisputeStory.Step.accepted, .opened] { try await story.tell(step) }
            try await story.report(
                "po_1", [story.paidLine, "txn_a,dispute,-120.00,0.00,-120.00", "txn_b,dispute,-80.00,0.00,-80.00"])
            let named = ["dispute txn_a -12000", "dispute txn_b -8000"]
            #expect(try await story.books.discrepancies() == ["dispute dp_1 20000"] + named)
            try await story.tell(.closed)
            #expect(try await story.books.balances()["471000"] == 20_000)
            #expect(try await story.books.discrepancies() == named)
            #expect(try await story.books.breaches() == [])
        }

        @Test(arguments: [
            ("UPDATE dispute SET amount = amount + 1 WHERE", "what is withheld of a payment"),
            ("UPDATE dispute SET outcome = NULL, closed_on = NULL WHERE", "a dispute is on the account"),
            ("UPDATE dispute SET opening_line = NULL WHERE", "a provider's line about a dispute"),
            ("UPDATE counted_refund SET returned_on = NULL WHERE", "a refund that came back"),
        ])
        func `the doctor names what somebody broke of them`(statement: String, invariant: String) async throws {
            let story = try DisputeStory(outcome: .lost)
            for step in [DisputeStory.Step.accepted, .opened, .report, .closed] { try await story.tell(step) }
            let refund = RefundFacts(payment: story.payment, amount: 500)
            try await story.books.tell(refund)
            try await story.books.tell(refund.returned, about: story.payment.id)
            #expect(try await story.books.breaches() == [])
            try await story.books.breaking(statement)
            let found = try await story.books.breaches()
            #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        }
    }
}

/// A payment at Stripe that its client disputes.
struct DisputeStory: Sendable {
    /// One thing that is told.
    enum Step: Hashable, Sendable {
        case accepted, opened, closed, report, reversal
    }

    let books: Books
    var payment: PaymentFacts
    let invoice: InvoiceID = Books.newID()
    let outcome: DisputeClosedV1.Outcome
    /// What a lost one takes, where that is not all.
    var chargedBack: Int64?
    /// Whether the provider takes that alone, and not all first.
    var isInOneLine = false

    init(outcome: DisputeClosedV1.Outcome) throws {
        books = try Books()
        payment = PaymentFacts("pi_disputed", 20_000)
        payment.provider = .stripe
        payment.invoice = invoice
        self.outcome = outcome
    }

    func tell(_ step: Step) async throws {
        switch step {
        case .accepted:
            // What VAT abroad is owed by the clinic itself is another test's.
            let exempt = try await books.put(
                "/v1/accounting/fee-taxes", #"{"provider":"stripe","treatment":"exempt","rate":0}"#)
            guard exempt.status == 200 else { throw BenchFailure(text: exempt.text) }
            try await books.tell(payment)
        case .opened:
            try await books.tell(
                DisputeOpenedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .stripe, disputeReference: "dp_1",
                    amount: .euros(cents: 20_000), reason: "fraudulent", openedOn: Books.day.adding(days: 2)),
                about: payment.id, times: 2)
        case .closed:
            try await books.tell(
                DisputeClosedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .stripe, disputeReference: "dp_1",
                    amount: .euros(cents: 20_000), chargedBack: chargedBack.map { .euros(cents: $0) },
                    outcome: outcome, closedOn: Books.day.adding(days: 9)),
                about: payment.id, times: 2)
        case .report:
            let taken = isInOneLine ? "-50.00,15.00,-65.00" : "-200.00,15.00,-215.00"
            try await report("po_1", [paidLine, "txn_taken,dispute,\(taken)"])
        case .reversal:
            let back = chargedBack == nil ? "200.00,0.00,200.00" : "150.00,0.00,150.00"
            try await report("po_2", ["txn_back,dispute_reversal,\(back)"])
        }
    }

    func trail() async throws -> JSONValue {
        try await books.get("/v1/explain/invoices/\(invoice)").json["payments"]?.elements?.first ?? .null
    }

    /// C-26: the rows of the fee screen that are in a payout sum to it.
    func expectRowsOfPayouts(_ how: String) async throws {
        let rows = try await books.list("/v1/fees?from=\(Books.day)&to=\(Books.day.adding(days: 30))")
        let payouts = try await books.payouts()
        #expect(!payouts.isEmpty, "\(how)")
        for payout in payouts {
            let reference = payout["reference"]?.text
            let nets = rows.filter { $0["payoutReference"]?.text == reference }
                .map { $0["net"]?["minorUnits"]?.integer ?? 0 }
            #expect(nets.reduce(0, +) == payout["amount"]?["minorUnits"]?.integer, "\(reference ?? ""): \(how)")
        }
    }

    private var fee: String { Money(payment.fee + payment.vat, .eur).decimalText(separator: ".") }

    private var net: String { Money(payment.net, .eur).decimalText(separator: ".") }

    /// The provider's line of the payment itself.
    var paidLine: String { "txn_paid,charge,200.00,\(fee),\(net)" }

    func report(_ payout: String, _ lines: [String]) async throws {
        let header =
            "automatic_payout_id,automatic_payout_effective_at,currency,payment_intent_id,"
            + "payment_metadata[quittance_payment],balance_transaction_id,reporting_category,gross,fee,net\n"
        let rows = lines.map { "\(payout),\(Books.day) 00:00:00,eur,pi_disputed,,\($0)\n" }
        let answer = try await books.importReport(header + rows.joined(), of: .stripe)
        guard answer.status == 201 else { throw BenchFailure(text: answer.text) }
    }
}

extension [DisputeStory.Step] {
    /// These in their order, as the topic keeps it, and others anywhere between them.
    func shuffledInto(_ others: [DisputeStory.Step], seed: UInt64) -> [DisputeStory.Step] {
        var random = SeededGenerator(seed: seed)
        var all = self
        for step in others { all.insert(step, at: Int.random(in: 0...all.count, using: &random)) }
        return all
    }
}

extension RefundFacts {
    /// It came back three days after the payment.
    var returned: RefundFailedV1 {
        RefundFailedV1(
            refundID: id, paymentID: payment.id, amount: Money(amount, payment.currency), reason: "account-closed",
            wasCompleted: true, failedOn: Books.day.adding(days: 3))
    }
}
