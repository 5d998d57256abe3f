import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

extension `The books` {
    @Suite struct `In any order of arrival` {
        @Test(arguments: 1...12 as ClosedRange<UInt64>)
        func `REC-5 REC-8 C-08 are the same, with everything told once or twice`(seed: UInt64) async throws {
            let day = try StoryOfADay()
            var order = SeededGenerator(seed: seed)
            var steps = day.steps + day.steps.filter { _ in Bool.random(using: &order) }
            steps.shuffle(using: &order)
            for step in steps { try await day.perform(step) }
            try await day.expectDone("seed \(seed): \(steps)")
        }

        @Test(arguments: 1...3 as ClosedRange<UInt64>)
        func `REC-5 REC-8 are the same when everything comes at once`(seed: UInt64) async throws {
            let day = try StoryOfADay()
            var order = SeededGenerator(seed: seed)
            let steps = day.steps.shuffled(using: &order)
            try await withThrowingTaskGroup { tasks in
                for step in steps { tasks.addTask { try await day.perform(step) } }
                try await tasks.waitForAll()
            }
            try await day.expectDone("seed \(seed): \(steps)")
        }

        @Test func `C-08 an event told again under another id books nothing twice`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_again", 20_000)
            let refund = RefundFacts(payment: payment, amount: 500)
            for _ in 0..<2 {
                try await books.tell(payment, times: 2)
                try await books.tell(refund, times: 2)
            }
            #expect(try await books.parked() == [])
            #expect(try await books.count("ledger_entry") == 3)
            #expect(try await books.balances()["411000"] == -19_500)
        }

        @Test func `a refund in another currency is parked, its cents are not added to the payment's`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_francs", 20_000)
            try await books.tell(payment)
            var abroad = payment
            abroad.currency = try #require(Currency("CHF"))
            try await books.tell(RefundFacts(payment: abroad, amount: 500))
            #expect(try await books.parked().count == 1)
            #expect(try await books.balances()["411000"] == -20_000)
        }

        @Test func `GEN-5 C-09 a day is the clinic's own, at midnight and overseas`() async throws {
            let books = try Books()
            let reunion: ClinicID = Books.newID()
            #expect(try await books.put("/v1/clinics/\(reunion)", #"{"timeZone":"Indian/Reunion"}"#).status == 200)
            for (text, clinic, day) in [
                ("2026-11-20T22:59:59Z", nil, "2026-11-20"), ("2026-11-20T23:00:00Z", nil, "2026-11-21"),
                ("2026-06-30T21:59:59Z", nil, "2026-06-30"), ("2026-06-30T22:00:00Z", nil, "2026-07-01"),
                ("2026-11-20T19:59:59Z", reunion, "2026-11-20"), ("2026-11-20T20:00:00Z", reunion, "2026-11-21"),
            ] as [(String, ClinicID?, String)] {
                var payment = PaymentFacts("payment_\(Books.newKey())", 10_000)
                payment.clinic = clinic
                payment.acceptedAt = try #require(Instant(text))
                try await books.tell(payment)
                try await books.tell(RefundFacts(payment: payment, amount: 100))
                let rows = try await books.list("/v1/fees?from=\(day)&to=\(day)")
                #expect(rows.contains { $0["paymentID"]?.text == "\(payment.id)" }, "\(text) should be \(day)")
                #expect(try await books.journal().contains { $0.hasPrefix("\(day) 411000") })
            }
            let nowhere = try await books.put("/v1/clinics/\(reunion)", #"{"timeZone":"Mars/Olympus"}"#)
            #expect(nowhere.status == 422)
        }
    }
}

/// Five payments, two refunds, three payouts, told by events, reports that overlap and statements that overlap.
///
/// What the third payout is at the bank only a rule of the organisation says, which is written at any time as well.
struct StoryOfADay: Sendable {
    /// One thing that arrives.
    enum Step: Hashable, Sendable {
        case accepted(Int), refunded(Int), report(Int), statement(Int), invoice, rules
    }

    let books: Books
    private let payments: [PaymentFacts]
    private let refunds: [RefundFacts]
    private let reports: [String]
    private let statements: [String]
    private let invoice: InvoiceID = Books.newID()
    private let sums: [Int64]

    let steps: [Step] =
        (0..<5).map(Step.accepted) + (0..<2).map(Step.refunded) + (0..<4).map(Step.report)
        + (0..<2).map(Step.statement) + [.invoice, .rules]

    init() throws {
        books = try Books()
        var payments = [9_000, 12_000, 20_000, 7_501, 5_000].enumerated().map {
            PaymentFacts("payment_\($0 + 1)", $1)
        }
        payments[0].invoice = invoice
        payments[3].isHeld = true
        let refunds = [
            RefundFacts(payment: payments[0], amount: 2_000), RefundFacts(payment: payments[2], amount: 1_000),
        ]
        // 0.36 of the fee comes back with the second refund: 0.30 and its VAT.
        let first = [payments[0].line("payout_aaa1"), payments[1].line("payout_aaa1"), refunds[0].line("payout_aaa1")]
        let second = [
            payments[2].line("payout_bbb2"), payments[3].line("payout_bbb2"), refunds[1].line("payout_bbb2", fee: -36),
        ]
        let third = [payments[4].line("transfer-ccc3")]
        reports = [Array(first.prefix(1)), first + second.prefix(2), first.suffix(1) + second, third].map {
            ReportFile($0).text
        }
        sums = [first, second, third].map { $0.reduce(0) { $0 + $1.trueNet } }
        let transfers = [
            StatementEntry(reference: "BK1", amount: sums[0], text: "ALMA VIREMENT payout_aaa1"),
            StatementEntry(reference: "BK2", amount: 4_200, text: "REMISE CB"),
            StatementEntry(reference: "BK3", amount: sums[1], text: "ALMA SAS PAYOUT BBB2"),
            StatementEntry(reference: "BK4", amount: -990, text: "FRAIS"),
            StatementEntry(reference: "BK5", amount: sums[2] - 2, text: "VIR SEPA PSP EUROPE"),
        ]
        statements = [
            StatementFile(id: "S1", entries: Array(transfers.prefix(2))).text,
            StatementFile(id: "S2", entries: transfers).text,
        ]
        (self.payments, self.refunds) = (payments, refunds)
    }

    func perform(_ step: Step) async throws {
        switch step {
        case .accepted(let number): try await books.tell(payments[number])
        case .refunded(let number): try await books.tell(refunds[number])
        case .report(let number): try await expectCreated(books.importReport(reports[number]))
        case .statement(let number): try await expectCreated(books.importStatement(statements[number]))
        case .rules:
            let rules =
                #"{"rules":[{"name":"psp","words":["PSP EUROPE"],"referencePrefix":"transfer-","daysMax":3,"tolerance""#
                + #":{"most":\#(Books.euros(5)),"account":"658000","reason":"The bank rounds"}}]}"#
            let answer = try await books.put("/v1/matching-rules", rules)
            guard answer.status == 200 else { throw BenchFailure(text: answer.text) }
        case .invoice:
            let issued = InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-1", issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 9_000), vat: [])
            try await books.tell(issued, about: invoice)
        }
    }

    private func expectCreated(_ answer: InProcessClient.Answer) throws {
        guard answer.status == 201 else { throw BenchFailure(text: answer.text) }
    }

    /// What the books say in the end, worked out here and not by them.
    func expectDone(_ how: String) async throws {
        let fees = payments.reduce(0) { $0 + $1.fee } - 30
        let vat = payments.reduce(0) { $0 + $1.vat } - 6
        let owed = payments.filter { !$0.isHeld }.reduce(0) { $0 + $1.amount } - 3_000
        let received = sums.reduce(-2, +)
        #expect(
            try await books.balances() == [
                "411000": -owed, "419100": -payments[3].amount, "512000": received, "627000": fees,
                "445660": vat, "658000": 2,
            ], "\(how)")
        let journal = try await books.journal()
        #expect(journal.contains("\(Books.day.adding(days: 1)) 512000 \(received) EUR"), "\(how)")
        #expect(try await books.discrepancies() == [], "\(how)")
        #expect(try await books.parked() == [], "\(how)")
        #expect(try await books.count("waiting_refund") == 0, "\(how)")
        try await books.expectBalanced()
        for (reference, sum) in zip(["payout_aaa1", "payout_bbb2"], sums) {
            let explained = try await books.explanation(reference)
            #expect(explained["payout"]?["amount"]?["minorUnits"]?.integer == sum, "\(how)")
            #expect(explained["bankLine"]?["amount"]?["minorUnits"]?.integer == sum, "\(how)")
            #expect(explained["explained"]?["minorUnits"]?.integer == sum, "\(how)")
            #expect(explained["unexplained"]?["minorUnits"]?.integer == 0, "\(how)")
            #expect(
                explained["because"]?.elements?.compactMap(\.text)
                    == ["The bank's text has the reference \(reference)."], "\(how)")
        }
        #expect(try await books.payout("transfer-ccc3")["ruleName"]?.text == "psp", "\(how)")
        let screen = try await books.get("/v1/fees?from=\(Books.day)&to=\(Books.day)").json
        let rows = screen["items"]?.elements ?? []
        #expect(rows.count == 8 && rows.allSatisfy { $0["isPaid"] == .bool(true) }, "\(how)")
        for (reference, sum) in zip(["payout_aaa1", "payout_bbb2"], sums) {
            let nets = rows.filter { $0["payoutReference"]?.text == reference }
                .map { $0["net"]?["minorUnits"]?.integer ?? 0 }
            #expect(nets.reduce(0, +) == sum, "C-26 the rows of \(reference) are its bank line: \(how)")
        }
        #expect(rows.count { $0["invoiceNumber"]?.text == "F-1" } == 2, "the payment and its refund: \(how)")
        #expect(screen["totals"]?.elements?.first?["refunded"]?["minorUnits"]?.integer == 3_000, "\(how)")
    }
}
