import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `PAY-12: what a client owes without an invoice` {
    @Test func `INV-8: is asked for once, however many desks ask at one moment, and for whatever sums`() async throws {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let answers = try await withThrowingTaskGroup(of: InProcessClient.Answer.self) { group in
            for desk in 0..<4 {
                group.addTask { try await bench.ask(20_000 - desk, of: receivable) }
            }
            return try await group.reduce(into: [InProcessClient.Answer]()) { $0.append($1) }
        }
        #expect(answers.map(\.status).sorted() == [201, 409, 409, 409], "\(answers.map(\.text))")
        let made = try #require(answers.first { $0.status == 201 }?.json["payment"])
        #expect(made["receivableID"]?.text == "\(receivable)" && made["invoiceID"] == nil)
        for refused in answers where refused.status == 409 {
            #expect(refused.problem == "other-payment-is-live")
            let named = "\(made["id"]?.text ?? "none") of the receivable is requested"
            #expect(refused.json["detail"]?.text?.contains(named) == true, "\(refused.text)")
        }
    }

    @Test func `INV-8: its link stops when it is paid at the till, and it is asked for again once it is owed again`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let whole = try await bench.request(of: receivable)
        try await bench.hear(partPaid(receivable, due: 18_000), about: receivable)
        #expect(try await bench.state(whole.id) == "cancelled", "less is owed than it asks for")
        #expect(try await bench.ask(18_001, of: receivable).status == 422)
        let rest = try await bench.request(18_000, of: receivable)
        #expect(try await bench.open(rest.token) != nil)
        try await bench.hear(settled(receivable), about: receivable)
        #expect(try await bench.state(rest.id) == "cancelling", "the provider's page is open: it is told, and decides")
        try await bench.eventually {
            try await bench.sweep()
            return try await bench.state(rest.id) == "cancelled"
        }
        #expect(try await bench.ask(18_000, of: receivable).problem == "receivable-settled")
        let reopened = ReceivableReopenedV1(
            receivableID: receivable, clientID: PaymentBench.client, due: .euros(cents: 20_000),
            reason: .paymentReversed)
        try await bench.hear(reopened, about: receivable)
        #expect(try await bench.ask(20_000, of: receivable).status == 201)
    }

    @Test func `INV-8: what is paid for it though the till was first is held for the client, with a task`() async throws
    {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let payment = try await bench.request(of: receivable)
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        try await bench.hear(settled(receivable), about: receivable)
        _ = try await bench.notify(reference)
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted" && view["disposition"]?.text == "held-for-client", "\(view)")
        #expect(try await bench.listed("held=true") == [payment.id])
        let told = try await bench.bodies(payment.id, "payment-accepted")
        #expect(told.count == 1 && told[0].contains("held-for-client") && told[0].contains("\(receivable)"))
    }

    @Test func `C-01: is not asked for again while the news of an acceptance is on its way, and its rest after it`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let part = try await accepted(12_000, of: receivable, bench)
        #expect(try await bench.bodies(part, "payment-requested")[0].contains(#""receivableID":"\#(receivable)""#))
        #expect(try await bench.bodies(part, "payment-accepted")[0].contains(#""disposition":"receivable""#))
        #expect(try await bench.ask(8_001, of: receivable).status == 422, "it counts from the acceptance")
        try await bench.hear(partPaid(receivable, due: 8_000, by: part), about: receivable)
        #expect(try await bench.ask(8_001, of: receivable).status == 422)
        let rest = try await accepted(8_000, of: receivable, bench)
        #expect(try await bench.ask(8_000, of: receivable).problem == "receivable-settled")
        // Invoicing counted the money for something else: its own debt is owed as before.
        try await bench.hear(counted(rest, for: receivable), about: PaymentOnAccountID(1))
        #expect(try await bench.ask(8_000, of: receivable).status == 409, "its own event counts it")
        try await bench.hear(counted(rest, for: IdentifierSource.system.make()), about: PaymentOnAccountID(2))
        #expect(try await bench.ask(8_000, of: receivable).status == 201)
    }

    @Test func `INV-8: its correction calls off what asks for more, and all of it where nothing is owed`() async throws
    {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let payment = try await bench.request(15_000, of: receivable)
        try await bench.hear(corrected(receivable, 15_000), about: receivable)
        #expect(try await bench.state(payment.id) == "requested")
        try await bench.hear(corrected(receivable, 0), about: receivable)
        #expect(try await bench.state(payment.id) == "cancelled")
        #expect(try await bench.ask(15_000, of: receivable).problem == "receivable-settled")
    }

    @Test func `PAY-11: has its own payments in the list of sales, whatever became of them`() async throws {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let part = try await accepted(12_000, of: receivable, bench)
        try await bench.hear(partPaid(receivable, due: 8_000, by: part), about: receivable)
        let rest = try await bench.request(8_000, of: receivable)
        let other = try await bench.request(of: try await bench.receivable(20_000))
        _ = try await bench.request()
        #expect(try await bench.listed("receivableID=\(receivable)") == [rest.id, part])
        #expect(try await bench.listed("receivableID=\(receivable)&state=accepted") == [part])
        #expect(try await bench.listed("state=requested").contains(other.id))
        #expect(try await bench.listed("receivableID=\(IdentifierSource.system.make() as ReceivableID)").isEmpty)
    }

    @Test func `INV-8: is refused beside an invoice, of another client or clinic, above what is due, and unknown`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let receivable = try await bench.receivable(20_000)
        let invoice = try await bench.invoice(20_000)
        let both = bench.draft(20_000, invoice: invoice, more: #""receivableID":"\#(receivable)","#)
        let elses = try await bench.receivable(20_000, client: ClientID(0xE15E))
        let elsewhere = try await bench.receivable(20_000)
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("UPDATE receivable SET clinic = \(ClinicID(0xB)) WHERE invoice = \(elsewhere)")
        }
        let cases = [
            (try await bench.call(.post, "/v1/payments", both, key: "both"), "/receivableID"),
            (try await bench.ask(20_000, of: elses), "/clientID"),
            (try await bench.ask(20_000, of: elsewhere), "/clinicID"),
            (try await bench.ask(20_001, of: receivable), "/amount"),
            (try await bench.ask(20_000, of: IdentifierSource.system.make()), "/receivableID"),
        ]
        for (answer, pointer) in cases {
            #expect(answer.status == 422)
            let pointers = answer.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
            #expect(pointers == [pointer], "\(answer.text)")
        }
    }

    private func accepted(
        _ cents: Int, of receivable: ReceivableID, _ bench: PaymentBench
    ) async throws -> PaymentID {
        let payment = try await bench.request(cents, of: receivable)
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        return payment.id
    }

    private func partPaid(
        _ receivable: ReceivableID, due: Int64, by payment: PaymentID? = nil
    ) -> ReceivablePartPaidV1 {
        ReceivablePartPaidV1(
            receivableID: receivable, clientID: PaymentBench.client, due: .euros(cents: due), paymentID: payment)
    }

    private func settled(_ receivable: ReceivableID) -> ReceivableSettledV1 {
        ReceivableSettledV1(
            receivableID: receivable, clientID: PaymentBench.client, by: .payment, writtenOff: .zero(.eur),
            settledOn: .earliest)
    }

    private func corrected(_ receivable: ReceivableID, _ cents: Int64) -> ReceivableCorrectedV1 {
        ReceivableCorrectedV1(
            receivableID: receivable, clientID: PaymentBench.client, amount: .euros(cents: cents), dueOn: .earliest)
    }

    private func counted(_ payment: PaymentID, for receivable: ReceivableID) -> PaymentOnAccountRecordedV1 {
        PaymentOnAccountRecordedV1(
            paymentOnAccountID: PaymentOnAccountID(1), clientID: PaymentBench.client, amount: .euros(cents: 8_000),
            method: "alma", paymentID: payment, allocations: [],
            receivables: [.init(receivableID: receivable, amount: .euros(cents: 8_000))], unallocated: .zero(.eur))
    }
}

extension PaymentBench {
    /// Something owed without an invoice, as the invoicing service tells of it.
    fileprivate func receivable(_ cents: Int64, client: ClientID = client) async throws -> ReceivableID {
        let receivable: ReceivableID = IdentifierSource.system.make()
        let recorded = ReceivableRecordedV1(
            receivableID: receivable, clientID: client, amount: .euros(cents: cents), recordedOn: .earliest,
            dueOn: .earliest)
        try await hear(recorded, about: receivable)
        return receivable
    }

    fileprivate func ask(_ cents: Int, of receivable: ReceivableID) async throws -> InProcessClient.Answer {
        let draft = draft(cents, more: #""receivableID":"\#(receivable)","#)
        return try await call(.post, "/v1/payments", draft, key: "ask-\(IdentifierSource.system.next())")
    }

    fileprivate func request(
        _ cents: Int = 20_000, of receivable: ReceivableID
    ) async throws -> (id: PaymentID, token: String) {
        try await request(cents, more: #""receivableID":"\#(receivable)","#)
    }
}
