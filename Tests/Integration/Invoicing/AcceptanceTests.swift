import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-13: online payments that wait for acceptance in invoicing` {
    @Test func `INV-13: they are in no balance until a person accepts them, once, and the invoice shows them`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(5_000, for: client)
        try await chain.letWait()
        let payment: PaymentID = IdentifierSource.system.make()
        let before = TimeSource.system.now().adding(.seconds(-3 * 86_400))
        let told = try chain.accepted(6_000, by: client, for: invoice, payment: payment, at: before)
        try await Delivery.with { delivery in
            // Another event about the same payment, and the same event again.
            try await delivery.deliver(
                [told, told] + [chain.accepted(6_000, by: client, for: invoice, payment: payment, at: before)])
        }
        #expect(try await chain.total("received") == 0)
        #expect(try await chain.standing(of: invoice) == "issued 0 0 5000")
        #expect(try await chain.marks(of: invoice) == ["\(payment) 6000 waiting"])
        let waiting = try await chain.call(.get, "/v1/waiting-payments").json["items"]?.elements
        #expect(waiting?.map { $0["paymentID"]?.text } == ["\(payment)"])
        #expect(waiting?.map { $0["client"]?["lastName"]?.text } == ["Martin"])
        let path = "/v1/waiting-payments/\(payment)/acceptance"
        #expect(try await chain.call(.post, path, as: chain.principal(role: .frontDesk)).status == 403)
        async let one = chain.call(.post, path)
        async let two = chain.call(.post, path)
        let statuses = try await [one.status, two.status].sorted()
        #expect(statuses == [200, 409])
        #expect(try await chain.standing(of: invoice) == "paid 5000 0 0")
        #expect(try await chain.marks(of: invoice) == ["\(payment) 5000 counted"])
        #expect(try await chain.payments(of: client) == ["6000 5000 1000 0"])
        let money: PaymentOnAccountID = try await chain.bench.ask(
            "SELECT id FROM payment_on_account WHERE payment = \(payment)")
        let paidOn: String = try await chain.bench.ask("SELECT (\(before) AT TIME ZONE 'Europe/Paris')::date::text")
        #expect(try await chain.days("receivedOn", toldAbout: money) == [paidOn], "not the day of the acceptance")
        let left = try await chain.call(.get, "/v1/waiting-payments").json["items"]?.elements
        #expect(left?.isEmpty == true)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-13: a refund of one that waits books both, and what is left is credit`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(5_000, for: client)
        try await chain.letWait()
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(5_000, by: client, for: invoice, payment: payment),
                chain.refunded(2_000, of: payment, to: client),
            ])
        }
        #expect(try await chain.payments(of: client) == ["5000 0 3000 2000"])
        #expect(try await chain.standing(of: invoice) == "issued 0 0 5000")
        #expect(try await chain.call(.post, "/v1/waiting-payments/\(payment)/acceptance").status == 409)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-8: a payment made online pays receivables too, and its refund is not owed again`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let receivable = try await chain.receivable(4_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(4_000, by: client, payment: payment), chain.refunded(1_500, of: payment, to: client),
            ])
        }
        let found = try await chain.call(.get, "/v1/receivables/\(receivable)").json
        #expect([found.cents("paid"), found.cents("credited"), found.cents("due")] == [2_500, 1_500, 0])
        try await chain.expectBalance(of: [client])
    }

    @Test(arguments: [false, true])
    func `INV-8: one asked for a receivable is counted for it before what is older, also after it waited`(
        waits: Bool
    ) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let older = try await chain.invoice(3_000, for: client, dueOn: "2026-12-01")
        let receivable = try await chain.receivable(4_000, for: client)
        if waits { try await chain.letWait() }
        let (part, rest): (PaymentID, PaymentID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(1_500, by: client, of: receivable, payment: part),
                chain.accepted(3_000, by: client, of: receivable, payment: rest),
            ])
        }
        if waits {
            let listed = try await chain.call(.get, "/v1/waiting-payments").json["items"]?.elements ?? []
            #expect(listed.map { $0["receivableID"]?.text } == ["\(receivable)", "\(receivable)"])
            for payment in [part, rest] {
                #expect(try await chain.call(.post, "/v1/waiting-payments/\(payment)/acceptance").status == 200)
            }
        }
        #expect(try await chain.call(.get, "/v1/receivables/\(receivable)").json.cents("due") == 0)
        #expect(try await chain.standing(of: older) == "part-paid 500 0 2500")
        #expect(
            try await chain.events(about: receivable)
                == ["receivable-recorded", "receivable-part-paid", "receivable-settled"])
        let counted = try await chain.days("paymentID", toldAbout: receivable)
        #expect(Set(counted) == ["\(part)", "\(rest)"], "each with what it left due")
        try await chain.expectBalance(of: [client])
    }
}

extension Chain {
    fileprivate func letWait() async throws {
        let rules = #"{"cashCeiling":{"minorUnits":100000,"currency":"EUR"},"onlineAcceptance":"by-hand"}"#
        let answer = try await call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0))
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }

    fileprivate func marks(of invoice: InvoiceID) async throws -> [String] {
        try await self.invoice(invoice)["online"]?.elements?.map { mark in
            "\(mark["paymentID"]?.text ?? "") \(mark.cents("amount") ?? 0) \(mark["state"]?.text ?? "")"
        } ?? []
    }
}
