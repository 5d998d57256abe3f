import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Testing

/// Money is counted, freed and taken back in the order of the days, so that VAT stands in the right month.
@Suite struct `INV-9: days of money in invoicing` {
    private func count(
        _ chain: Chain, _ money: PaymentOnAccountID, on day: String, seen version: Int, language: String = "en"
    ) async throws -> InProcessClient.Answer {
        try await chain.call(
            .post, "/v1/payments-on-account/\(money)/allocations", #"{"on":"\#(day)"}"#,
            headers: ["If-Match": "\"v\(version)\"", "Accept-Language": language])
    }

    private func reverse(
        _ chain: Chain, _ money: PaymentOnAccountID, on day: String, seen version: Int, language: String = "en"
    ) async throws -> InProcessClient.Answer {
        try await chain.call(
            .post, "/v1/payments-on-account/\(money)/reversal", #"{"on":"\#(day)","reason":"bounced"}"#,
            headers: ["If-Match": "\"v\(version)\"", "Accept-Language": language])
    }

    private func takeCheque(_ chain: Chain, of client: ClientID, more: String = "") async throws -> PaymentOnAccountID {
        try await chain.collect(3_000, for: client, by: "cheque", more: #","cheque":{"number":"7"}"# + more).id()
    }

    @Test func `INV-4, INV-9: what a credit note freed is counted on no day before it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let first = try await chain.invoice(3_000, for: client, issuedOn: "2026-11-18")
        let money: PaymentOnAccountID = try await chain.collect(3_000, for: client, by: "card").id()
        let next = try await chain.invoice(2_000, for: client, issuedOn: "2026-11-18")
        #expect(try await chain.credit(first, seen: 3).json["issuedOn"]?.text == "2026-11-22")
        let early = try await count(chain, money, on: "2026-11-21", seen: 2)
        #expect(early.status == 422, "\(early.text)")
        #expect(
            early.refusal == [
                "/on", "It is the client's credit since 2026-11-22 only.", "Give that day or a later one.",
            ])
        let french = try await count(chain, money, on: "2026-11-21", seen: 2, language: "fr")
        #expect(french.refusal[1] == "Cette somme n'est au crédit du client que depuis le 22/11/2026.")
        #expect(try await chain.standing(of: next) == "issued 0 0 2000")
        #expect(try await chain.days("on", toldAbout: money) == [])
        let counted = try await count(chain, money, on: "2026-11-22", seen: 2)
        #expect(counted.status == 200 && counted.json.cents("unallocated") == 1_000, "\(counted.text)")
        #expect(try await chain.days("on", toldAbout: money) == ["2026-11-22"])
        try await chain.expectBalance(of: [client])
    }

    @Test func `PAY-10, INV-9: a refund that came back is counted on no day before it did`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (payment, refund): (PaymentID, RefundID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        let (came, went) = (
            try #require(Instant("2026-11-17T12:00:00Z")), try #require(Instant("2026-11-18T12:00:00Z"))
        )
        let back = TimeSource.system.now().utcDate
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(2_000, by: client, payment: payment, disposition: .heldForClient, at: came)
            ])
            try await delivery.deliver([chain.refunded(2_000, as: refund, of: payment, to: client, at: went)])
            try await delivery.deliver([chain.returned(2_000, refund, of: payment)])
        }
        let invoice = try await chain.invoice(2_000, for: client)
        let money: PaymentOnAccountID = try await chain.bench.ask(
            "SELECT id FROM payment_on_account WHERE payment = \(payment)")
        let version = Int(
            try #require(try await chain.call(.get, "/v1/payments-on-account/\(money)").json["version"]?.integer))
        let early = try await count(chain, money, on: "2026-11-21", seen: version)
        #expect(early.status == 422 && early.refusal[0] == "/on", "\(early.text)")
        // Midnight may pass between the test and what it tells.
        let days = [back, back.adding(days: 1)].map { "It is the client's credit since \($0) only." }
        #expect(days.contains(early.refusal[1] ?? ""), "\(early.text)")
        let today: String = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        #expect(try await count(chain, money, on: today, seen: version).status == 200)
        #expect(try await chain.standing(of: invoice) == "paid 2000 0 0")
    }

    @Test func `INV-9: money is reversed on no day before it was last counted`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let money = try await takeCheque(chain, of: client, more: #","allocate":"keep""#)
        let invoice = try await chain.invoice(2_000, for: client)
        #expect(try await count(chain, money, on: "2026-11-23", seen: 1).status == 200)
        let early = try await reverse(chain, money, on: "2026-11-22", seen: 2)
        #expect(early.status == 422, "\(early.text)")
        #expect(early.refusal == ["/on", "Some of it was counted on 2026-11-23.", "Give that day or a later one."])
        let french = try await reverse(chain, money, on: "2026-11-22", seen: 2, language: "fr")
        #expect(french.refusal[1] == "Une partie a été imputée le 23/11/2026.")
        #expect(try await chain.standing(of: invoice) == "paid 2000 0 0")
        #expect(try await reverse(chain, money, on: "2026-11-23", seen: 2).status == 200)
        #expect(try await chain.standing(of: invoice) == "issued 0 0 2000")
        #expect(try await chain.days("reversedOn", toldAbout: money) == ["2026-11-23"])
    }

    @Test func `INV-4, INV-9: money is reversed on no day before something of it was freed`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(3_000, for: client, issuedOn: "2026-11-18")
        let money = try await takeCheque(chain, of: client)
        let noted = try await chain.credit(invoice, seen: 3)
        #expect(noted.json["issuedOn"]?.text == "2026-11-22" && noted.json.cents("freed") == 3_000, "\(noted.text)")
        // Nothing is counted any more, but it was until that day.
        let early = try await reverse(chain, money, on: "2026-11-21", seen: 2)
        #expect(early.status == 422, "\(early.text)")
        #expect(early.refusal[1] == "It is the client's credit since 2026-11-22 only.")
        #expect(try await chain.days("reversedOn", toldAbout: money) == [])
        #expect(try await reverse(chain, money, on: "2026-11-22", seen: 2).status == 200)
        #expect(try await chain.days("reversedOn", toldAbout: money) == ["2026-11-22"])
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-4, INV-12: what a credit note freed is archived on no day before it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(3_000, for: client, issuedOn: "2026-11-18")
        let money: PaymentOnAccountID = try await chain.collect(3_000, for: client, by: "card").id()
        #expect(try await chain.credit(invoice, seen: 3).json.cents("freed") == 3_000)
        let archive = { (day: String) in
            try await chain.call(
                .post, "/v1/payments-on-account/\(money)/archive", #"{"on":"\#(day)"}"#, headers: Chain.seen(2))
        }
        let early = try await archive("2026-11-21")
        #expect(early.status == 422, "\(early.text)")
        #expect(
            early.refusal == [
                "/on", "It is the client's credit since 2026-11-22 only.", "Give that day or a later one.",
            ])
        #expect(try await archive("2026-11-22").status == 200)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-9, INV-12: money put away is counted and reversed on no day before it was taken out again`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let money = try await takeCheque(chain, of: client, more: #","allocate":"keep""#)
        let invoice = try await chain.invoice(2_000, for: client)
        let path = "/v1/payments-on-account/\(money)"
        let put = try await chain.call(.post, "\(path)/archive", #"{"on":"2026-11-21"}"#, headers: Chain.seen())
        #expect(put.status == 200, "\(put.text)")
        #expect(try await chain.call(.post, "\(path)/restore", headers: Chain.seen(2)).status == 200)
        let restored: String = try await chain.bench.ask(
            "SELECT restored_on::text FROM credit_archive WHERE payment_on_account = \(money)")
        for early in try await [
            count(chain, money, on: "2026-11-22", seen: 3), reverse(chain, money, on: "2026-11-22", seen: 3),
        ] {
            #expect(early.status == 422, "\(early.text)")
            #expect(
                early.refusal == [
                    "/on", "It was archived before, until \(restored).", "Give that day or a later one.",
                ])
        }
        #expect(try await chain.standing(of: invoice) == "issued 0 0 2000")
        #expect(try await count(chain, money, on: restored, seen: 3).status == 200)
        #expect(try await chain.standing(of: invoice) == "paid 2000 0 0")
        #expect(try await reverse(chain, money, on: restored, seen: 4).status == 200)
        #expect(try await chain.days("reversedOn", toldAbout: money) == [restored])
        // While it was away the client owed what the invoice says, once.
        let account = "/v1/clients/\(client)/statement?from=2026-11-01&to=2026-11-22"
        #expect(try await chain.call(.get, account).json.cents("closing") == 2_000)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-4: a credit note frees nothing on a day before it was counted for the invoice`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(4_000, for: client, issuedOn: "2026-11-18")
        #expect(try await chain.collect(3_000, for: client, by: "card").status == 201)
        let credit = { (cents: Int, day: String, version: Int, language: String) in
            try await chain.call(
                .post, "/v1/invoices/\(invoice)/credit-notes",
                #"{"issuedOn":"\#(day)","reason":"error","amount":{"minorUnits":\#(cents),"currency":"EUR"}}"#,
                headers: ["If-Match": "\"v\(version)\"", "Accept-Language": language])
        }
        // What is due was never counted.
        #expect(try await credit(1_000, "2026-11-19", 3, "en").status == 201)
        let early = try await credit(500, "2026-11-19", 4, "en")
        #expect(early.status == 422, "\(early.text)")
        #expect(
            early.refusal == [
                "/issuedOn", "It takes back what was counted for the invoice on 2026-11-20.",
                "Give that day or a later one.",
            ])
        let french = try await credit(500, "2026-11-19", 4, "fr")
        #expect(french.refusal[1] == "L'avoir reprend ce qui a été imputé sur la facture le 20/11/2026.")
        #expect(try await chain.standing(of: invoice) == "paid 3000 1000 0")
        #expect(try await credit(500, "2026-11-20", 4, "en").json.cents("freed") == 500)
        #expect(try await chain.numbers("credit_note") == ["A-LILAS-2026-000001", "A-LILAS-2026-000002"])
        try await chain.expectBalance(of: [client])
    }
}
