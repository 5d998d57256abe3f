import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What may be asked for on an invoice` {
    @Test func `C-01: nothing twice while the news of an acceptance is on its way`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        _ = try await bench.accepted(20_000, invoice: invoice)
        let again = try await bench.ask(invoice: invoice)
        #expect(again.status == 409 && again.problem == "receivable-settled", "\(again.text)")
    }

    @Test func `the rest of a part-paid invoice, before and after invoicing counted the part`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let part = try await bench.accepted(12_000, invoice: invoice)
        #expect(try await bench.ask(8_001, invoice: invoice).status == 422)
        // C-01: what is too much for it may be counted for another one, whose event comes first.
        let other = try await bench.invoice(20_000)
        try await bench.hear(partPaid(other, paid: 1_000, due: 19_000, by: part), about: other)
        #expect(try await bench.ask(8_001, invoice: invoice).status == 422)
        try await bench.hear(partPaid(invoice, paid: 12_000, due: 8_000, by: part), about: invoice)
        #expect(try await bench.ask(8_001, invoice: invoice).status == 422)
        #expect(try await bench.ask(8_000, invoice: invoice).status == 201)
    }

    @Test func `all of it again when invoicing counted the money for something else`() async throws {
        let bench = try await PaymentBench.start()
        let (invoice, other) = (try await bench.invoice(20_000), try await bench.invoice(20_000))
        let payment = try await bench.accepted(20_000, invoice: invoice)
        try await bench.hear(recorded(payment, for: invoice), about: PaymentOnAccountID(1))
        #expect(try await bench.ask(invoice: invoice).status == 409, "the invoice's own event counts it")
        try await bench.hear(recorded(payment, for: other), about: PaymentOnAccountID(1))
        #expect(try await bench.ask(invoice: invoice).status == 201)
    }

    @Test func `INV-7: a link of the whole stops when a part is paid at the till; one of the rest stays`() async throws
    {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let whole = try await bench.request(20_000, invoice: invoice)
        let atTill: PaymentID? = nil
        try await bench.hear(partPaid(invoice, paid: 2_000, due: 18_000, by: atTill), about: invoice)
        #expect(try await bench.state(whole.id) == "cancelled")
        let rest = try await bench.request(18_000, invoice: invoice)
        let open = try #require(try await bench.open(rest.token))
        try await bench.hear(partPaid(invoice, paid: 2_000, due: 18_000, by: atTill), about: invoice)
        #expect(try await bench.state(rest.id) == "open")
        // The provider's page is open by now: it is told, and its answer decides.
        try await bench.hear(partPaid(invoice, paid: 3_000, due: 17_000, by: atTill), about: invoice)
        #expect(try await bench.state(rest.id) == "cancelling")
        #expect(!open.isEmpty)
    }

    @Test func `what invoicing says is due after a credit note, not what we would compute`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let part = try await bench.accepted(12_000, invoice: invoice)
        try await bench.hear(partPaid(invoice, paid: 12_000, due: 8_000, by: part), about: invoice)
        let rest = try await bench.request(8_000, invoice: invoice)
        // The 120 are given back and credited: the other 80 are owed as before.
        try await bench.hear(creditNote(invoice, total: 12_000, due: 8_000), about: invoice)
        #expect(try await bench.state(rest.id) == "requested")
        #expect(try await bench.open(rest.token) != nil)
        try await bench.hear(creditNote(invoice, total: 8_000, due: 0), about: invoice)
        #expect(try await bench.state(rest.id) == "cancelling")
    }

    @Test func `INV-11: nothing of what was given up, and all of it once that is undone`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let asked = try await bench.request(20_000, invoice: invoice)
        let day = try #require(LocalDate("2026-11-26"))
        let settled = ReceivableSettledV1(
            invoiceID: invoice, clientID: PaymentBench.client, by: .writeOff, writtenOff: Money(20_000, .eur),
            settledOn: day)
        try await bench.hear(settled, about: invoice)
        #expect(try await bench.state(asked.id) == "cancelled")
        #expect(try await bench.ask(invoice: invoice).status == 409)
        let reopened = ReceivableReopenedV1(
            invoiceID: invoice, clientID: PaymentBench.client, due: Money(20_000, .eur), reason: .writeOffUndone)
        try await bench.hear(reopened, about: invoice)
        #expect(try await bench.ask(invoice: invoice).status == 201)
    }

    @Test(arguments: [(false, 409), (nil, 201), (true, 201)] as [(Bool?, Int)])
    func `INV-3: nothing where invoicing said that it is not paid online, also after it said something else`(
        payableOnline: Bool?, status: Int
    ) async throws {
        let bench = try await PaymentBench.start()
        let invoice: InvoiceID = IdentifierSource.system.make()
        let day = try #require(LocalDate("2026-11-26"))
        let issued = InvoiceIssuedV1(
            invoiceID: invoice, clientID: PaymentBench.client, number: "2026-000001", issuedOn: day, dueOn: day,
            total: Money(30_000, .eur), vat: [], payableOnline: payableOnline)
        try await bench.hear(issued, about: invoice)
        // Paid in part at the clinic: the rest is as it was.
        let reopened = ReceivableReopenedV1(
            invoiceID: invoice, clientID: PaymentBench.client, due: Money(20_000, .eur), reason: .writeOffUndone)
        try await bench.hear(reopened, about: invoice)
        let answer = try await bench.ask(invoice: invoice)
        #expect(answer.status == status, "\(answer.text)")
        if status == 409 {
            #expect(answer.problem == "receivable-not-online")
            #expect(answer.json["remedy"]?.text?.contains("at the clinic") == true)
        }
    }

    @Test func `nothing beside a live payment, which is named with its state and how to end it`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let first = try await bench.request(20_000, invoice: invoice)
        let refused = try await bench.ask(invoice: invoice)
        #expect(refused.problem == "other-payment-is-live")
        #expect(refused.json["detail"]?.text?.contains("\(first.id) of the invoice is requested") == true)
        #expect(refused.json["remedy"]?.text?.contains("/v1/payments/\(first.id)/cancel") == true)
        _ = try await bench.call(.post, "/v1/payments/\(first.id)/cancel")
        #expect(try await bench.ask(invoice: invoice).status == 201)
    }

    @Test func `nothing in another currency, and both are named`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        _ = try await bench.overseer.execute("UPDATE receivable SET currency = 'CHF'")
        let answer = try await bench.ask(invoice: invoice)
        let error = answer.json["errors"]?.elements?.first
        #expect(error?["pointer"]?.text == "/amount/currency", "\(answer.text)")
        #expect(error?["remedy"]?.text == "Give the amount in CHF.")
    }

    @Test func `nothing into another clinic's account`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000, clinic: ClinicID(0xB))
        let answer = try await bench.ask(invoice: invoice)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "/clinicID", "\(answer.text)")
    }

    @Test func `nothing from a client nobody knows`() async throws {
        let bench = try await PaymentBench.start()
        let draft = bench.draft().replacing("\(PaymentBench.client)", with: "\(ClientID(0xBAD))")
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "unknown")
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "/clientID", "\(answer.text)")
    }

    @Test func `the first answer again, whatever provider and clinic would say by now, C-07`() async throws {
        let bench = try await PaymentBench.start()
        let first = try await bench.ask(key: "same")
        try await bench.fault(#"{"kind":"drop","operation":"alma.*","times":0}"#)
        let again = try await bench.ask(key: "same")
        #expect(again.status == 201 && again.json["payment"]?["id"] == first.json["payment"]?["id"])
        #expect(try await bench.ask(key: "other").status == 503)
    }

    @Test func `events and readings of the same invoices never wait for each other in a circle`() async throws {
        let bench = try await PaymentBench.start()
        var open: [(id: PaymentID, token: String, invoice: InvoiceID)] = []
        for _ in 0..<12 {
            let invoice = try await bench.invoice(20_000)
            let payment = try await bench.request(invoice: invoice)
            try await bench.act("accept", on: try #require(try await bench.open(payment.token)))
            open.append((payment.id, payment.token, invoice))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for payment in open {
                group.addTask { _ = try await bench.http.call(.get, "/p/\(payment.token)/return") }
                group.addTask {
                    let paid = InvoicePaidV1(
                        invoiceID: payment.invoice, clientID: PaymentBench.client, total: .euros(cents: 20_000),
                        paidOn: .earliest)
                    try await bench.hear(paid, about: payment.invoice)
                }
            }
            try await group.waitForAll()
        }
        for payment in open { #expect(try await bench.state(payment.id) == "accepted") }
        await bench.database.pool.close()
        #expect(try await bench.overseer.deadlocks() == 0)
    }

    private func partPaid(_ invoice: InvoiceID, paid: Int64, due: Int64, by payment: PaymentID?) -> InvoicePartPaidV1 {
        InvoicePartPaidV1(
            invoiceID: invoice, clientID: PaymentBench.client, total: .euros(cents: paid + due),
            paid: .euros(cents: paid), due: .euros(cents: due), paymentID: payment)
    }

    private func recorded(_ payment: PaymentID, for invoice: InvoiceID) -> PaymentOnAccountRecordedV1 {
        PaymentOnAccountRecordedV1(
            paymentOnAccountID: PaymentOnAccountID(1), clientID: PaymentBench.client, amount: .euros(cents: 20_000),
            method: "alma", paymentID: payment,
            allocations: [.init(invoiceID: invoice, amount: .euros(cents: 20_000))], unallocated: .zero(.eur))
    }

    private func creditNote(_ invoice: InvoiceID, total: Int64, due: Int64) -> CreditNoteIssuedV1 {
        CreditNoteIssuedV1(
            creditNoteID: CreditNoteID(1), invoiceID: invoice, clientID: PaymentBench.client, number: "A-1",
            total: .euros(cents: total), reason: "refund", due: .euros(cents: due))
    }
}
