import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `Money that comes back or is taken back` {
    @Test func `INV-9: a refund that returned after it was booked is the client's credit again, once`() async throws {
        let (chain, client, invoice, payment) = try await Self.billed()
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(10_000, by: client, for: invoice, payment: payment)])
            try await delivery.deliver([chain.refunded(4_000, as: refund, of: payment, to: client)])
            #expect(try await chain.standing(of: invoice) == "paid 6000 4000 0")
            let returned = try chain.returned(4_000, refund, of: payment)
            try await delivery.deliver([returned, returned, chain.returned(4_000, refund, of: payment)])
            // A refund that never left was never booked.
            try await delivery.deliver([
                chain.returned(1_000, IdentifierSource.system.make(), of: payment, wasCompleted: nil)
            ])
        }
        #expect(try await chain.standing(of: invoice) == "paid 6000 4000 0", "its credit note stays")
        #expect(try await chain.payments(of: client) == ["10000 6000 4000 0"])
        #expect(try await chain.total("held") == 4_000)
        #expect(
            try await chain.movements(of: client)
                == ["credit-note -4000", "invoice 10000", "payment -10000", "refund 4000", "refund-return -4000"])
        #expect(try await chain.closing(of: client) == -4_000, "what is owed to the client")
    }

    @Test func `INV-9: one that reached its client after all, told as another, takes the credit and credits nothing`()
        async throws
    {
        let (chain, client, invoice, payment) = try await Self.billed()
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.refunded(4_000, as: refund, of: payment, to: client), chain.returned(4_000, refund, of: payment),
            ])
            #expect(try await chain.payments(of: client) == ["10000 6000 4000 0"])
            try await delivery.deliver([chain.refunded(4_000, of: payment, to: client)])
        }
        #expect(try await chain.standing(of: invoice) == "paid 6000 4000 0", "no second credit note")
        #expect(try await chain.payments(of: client) == ["10000 6000 0 4000"])
        #expect(
            try await chain.movements(of: client) == [
                "credit-note -4000", "invoice 10000", "payment -10000", "refund 4000", "refund 4000",
                "refund-return -4000",
            ])
        #expect(try await chain.closing(of: client) == 0)
        #expect(try await chain.deadLetters() == 0)
    }

    @Test func `a return of a refund nobody booked, or of another amount, is parked`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentID = IdentifierSource.system.make()
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, payment: payment),
                chain.refunded(4_000, as: refund, of: payment, to: client), chain.returned(3_000, refund, of: payment),
                chain.returned(1_000, IdentifierSource.system.make(), of: payment),
            ])
        }
        #expect(try await chain.payments(of: client) == ["10000 0 6000 4000"])
        #expect(try await chain.deadLetters() == 2)
    }

    @Test func `PAY-14: a dispute shows on the invoice and in the account; one that is won changes no sum`()
        async throws
    {
        let (chain, client, invoice, payment) = try await Self.billed()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.disputed(10_000, "dp_1", payment, by: client, invoice),
            ])
            #expect(try await chain.disputes(of: invoice) == ["dp_1 10000 open"])
            #expect(try await chain.disputedOfAccount(of: client) == 10_000)
            let won = try chain.disputeEnded(.won, 10_000, "dp_1", payment, by: client, invoice)
            try await delivery.deliver([won, won])
        }
        #expect(try await chain.disputes(of: invoice) == ["dp_1 10000 won"])
        #expect(try await chain.disputedOfAccount(of: client) == 0)
        #expect(try await chain.standing(of: invoice) == "paid 10000 0 0")
    }

    @Test func `PAY-14: a dispute that is lost makes due again what was paid, once, and credits nothing`() async throws
    {
        let (chain, client, invoice, payment) = try await Self.billed()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(12_000, by: client, for: invoice, payment: payment),
                chain.disputed(5_000, "dp_1", payment, by: client, invoice),
                chain.disputeEnded(.lost, 5_000, "dp_1", payment, by: client, invoice),
                // Told twice as two events, and one whose beginning was never told.
                chain.disputeEnded(.lost, 5_000, "dp_1", payment, by: client, invoice),
                chain.disputeEnded(.lost, 1_000, "dp_2", payment, by: client, invoice),
            ])
        }
        // The client's credit of 2000 goes first.
        #expect(try await chain.standing(of: invoice) == "part-paid 6000 0 4000")
        #expect(try await chain.payments(of: client) == ["12000 6000 0 0"])
        #expect(try await chain.disputes(of: invoice) == ["dp_1 5000 lost", "dp_2 1000 lost"])
        #expect(try await chain.closing(of: client) == 4_000)
        let totals = try await chain.totals()
        #expect(totals.cents("received") == 6_000 && totals.cents("due") == 4_000)
        #expect(try await chain.events(about: invoice).last == "invoice-part-paid")
        let told: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', event #>> '{amount,minorUnits}', event #>> '{allocations,0,invoiceID}',
                event #>> '{allocations,0,amount,minorUnits}', event -> 'receivables')
            FROM outbox JOIN payment_on_account AS money ON money.id = subject
                CROSS JOIN LATERAL (SELECT convert_from(value, 'UTF8')::json AS event) AS told
            WHERE money.payment = \(payment) AND type LIKE '%account-charged-back.v1' ORDER BY position
            """)
        #expect(told == ["5000 \(invoice) 3000 []", "1000 \(invoice) 1000 []"])
    }

    @Test func `PAY-14: a dispute that is lost in part makes due again what was charged back, even nothing`()
        async throws
    {
        let (chain, client, invoice, payment) = try await Self.billed()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.disputed(8_000, "dp_1", payment, by: client, invoice),
                chain.disputeEnded(.lost, 8_000, "dp_1", payment, chargedBack: 3_000, by: client, invoice),
                chain.disputeEnded(.lost, 1_000, "dp_2", payment, chargedBack: 0, by: client, invoice),
            ])
        }
        #expect(try await chain.deadLetters() == 0)
        #expect(try await chain.standing(of: invoice) == "part-paid 7000 0 3000")
        let disputes = try await chain.invoice(invoice)["disputes"]?.elements ?? []
        #expect(disputes.map { $0.cents("amount") } == [8_000, 1_000])
        #expect(disputes.map { $0.cents("chargedBack") } == [3_000, nil])
        #expect(disputes.map { $0.cents("excess") } == [nil, nil])
    }

    @Test func `PAY-14: a lost dispute above what is held takes what is held, shows the rest and parks nothing`()
        async throws
    {
        let (chain, client, invoice, payment) = try await Self.billed()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.refunded(7_000, of: payment, to: client),
                chain.disputeEnded(.lost, 10_000, "dp_1", payment, by: client, invoice),
                // What comes later about the same payment is not held up.
                chain.disputed(100, "dp_2", payment, by: client, invoice),
            ])
        }
        #expect(try await chain.deadLetters() == 0)
        #expect(try await chain.payments(of: client) == ["10000 0 0 7000"])
        let disputes = try await chain.invoice(invoice)["disputes"]?.elements ?? []
        #expect(disputes.map { $0.cents("chargedBack") } == [3_000, nil])
        #expect(disputes.map { $0.cents("excess") } == [7_000, nil])
        let audited = try await chain.call(.get, "/v1/audit").json["items"]?.elements
        #expect(audited?.contains { $0["action"]?.text == "payment-charged-back" } == true, "GEN-6")
    }

    @Test func `PAY-14: a dispute whose end is told first gets its beginning, and no other end`() async throws {
        let (chain, client, invoice, payment) = try await Self.billed()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.disputeEnded(.won, 5_000, "dp_1", payment, by: client, nil),
                chain.disputed(5_000, "dp_1", payment, by: client, invoice),
                chain.disputeEnded(.lost, 5_000, "dp_1", payment, by: client, invoice),
            ])
        }
        let dispute = try await chain.invoice(invoice)["disputes"]?.elements?.first
        #expect(dispute?["reason"]?.text == "fraudulent" && dispute?["invoiceID"]?.text == invoice.description)
        #expect(try await chain.disputes(of: invoice) == ["dp_1 5000 won"])
        #expect(try await chain.standing(of: invoice) == "paid 10000 0 0")
        #expect(try await chain.deadLetters() == 1, "a person looks at the other end")
    }

    @Test func `a return is only of a refund of the same payment, and stops nobody`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (one, other): (PaymentID, PaymentID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            // One after the other: two payments told together are recorded in either order.
            try await delivery.deliver([chain.accepted(5_000, by: client, payment: one)])
            try await delivery.deliver([chain.accepted(6_000, by: client, payment: other)])
            try await delivery.deliver([chain.refunded(4_000, as: refund, of: one, to: client)])
            try await delivery.deliver([chain.returned(4_000, refund, of: other)])
            #expect(try await chain.payments(of: client) == ["5000 0 1000 4000", "6000 0 6000 0"])
            try await delivery.deliver([chain.accepted(700, by: client)])
        }
        #expect(try await chain.deadLetters() == 1)
        #expect(try await chain.total("held") == 7_700)
    }

    @Test func `INV-12: a refund that returns to an archived payment brings back all of it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentID = IdentifierSource.system.make()
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(5_000, by: client, payment: payment),
                chain.refunded(4_000, as: refund, of: payment, to: client),
            ])
            let id: String = try await chain.bench.ask(
                "SELECT id::text FROM payment_on_account WHERE payment = \(payment)")
            let path = "/v1/payments-on-account/\(id)"
            let found = try await chain.call(.get, path)
            let put = try await chain.call(
                .post, "\(path)/archive", #"{"on":"\#(found.json["receivedOn"]?.text ?? "")"}"#,
                headers: ["If-Match": found.headers["ETag"] ?? ""])
            #expect(put.status == 200, "\(put.text)")
            try await delivery.deliver([chain.returned(4_000, refund, of: payment)])
        }
        #expect(try await chain.payments(of: client) == ["5000 0 5000 0"])
    }

    @Test func `PAY-14: a lost dispute of a payment that waits to be accepted books both`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let rules = #"{"cashCeiling":{"minorUnits":100000,"currency":"EUR"},"onlineAcceptance":"by-hand"}"#
        let put = try await chain.call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0))
        #expect(put.status == 200, "\(put.text)")
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(5_000, by: client, payment: payment),
                chain.disputeEnded(.lost, 5_000, "dp_1", payment, by: client, nil),
            ])
        }
        #expect(try await chain.payments(of: client) == ["5000 0 0 0"])
        #expect(try await chain.closing(of: client) == 0)
    }

    /// A client with an invoice of 100 euros, and a payment to tell of.
    private static func billed() async throws -> (
        chain: Chain, client: ClientID, invoice: InvoiceID, payment: PaymentID
    ) {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        return (chain, client, invoice, IdentifierSource.system.make())
    }
}

extension Chain {
    /// Events that were parked for a person.
    func deadLetters() async throws -> Int64 {
        try await bench.ask("SELECT count(*) FROM dead_letter WHERE organisation = \(organisation)")
    }

    fileprivate func disputes(of invoice: InvoiceID) async throws -> [String] {
        (try await self.invoice(invoice)["disputes"]?.elements ?? []).map { dispute in
            "\(dispute["reference"]?.text ?? "") \(dispute.cents("amount") ?? -1) \(dispute["outcome"]?.text ?? "open")"
        }
    }

    fileprivate func disputedOfAccount(of client: ClientID) async throws -> Int64? {
        try await call(.get, "/v1/clients/\(client)/account").json.cents("disputed")
    }

    private func statement(of client: ClientID) async throws -> JSONValue {
        try await call(.get, "/v1/clients/\(client)/statement?from=2026-01-01&to=2099-12-31").json
    }

    fileprivate func movements(of client: ClientID) async throws -> [String] {
        (try await statement(of: client)["movements"]?.elements ?? []).map {
            "\($0["kind"]?.text ?? "") \($0.cents("amount") ?? 0)"
        }.sorted()
    }

    fileprivate func closing(of client: ClientID) async throws -> Int64? {
        try await statement(of: client).cents("closing")
    }
}
