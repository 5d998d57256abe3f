import HTTPServer
import PaymentModel
import TestSupport
import Testing

@Suite struct `INV-2, INV-15: contacts and online offers in invoicing` {
    @Test func `INV-2: contacts are added, listed, changed and removed, and are never the client`() async throws {
        let (chain, stranger) = try await (Chain.open(), Chain.open())
        let client = try await chain.client(phone: "+33612345678")
        let path = "/v1/clients/\(client)/contacts"
        let json = #"{"lastName":"Martin","firstName":"Léo","phone":"+33612345678"}"#
        let added = try await chain.call(.post, path, json)
        #expect(added.status == 201, "\(added.text)")
        let id: ContactID = try added.id()
        let nobody = #"{"lastName":"Martin","firstName":"Léo"}"#
        #expect(try await chain.call(.post, path, nobody).json["errors"]?.elements?.count == 1)
        let other = #"{"lastName":"Petit","firstName":"Léo","email":"leo@example.org"}"#
        #expect(try await stranger.call(.put, "\(path)/\(id)", other, headers: Chain.seen()).status == 404)
        let changed = try await chain.call(.put, "\(path)/\(id)", other, headers: Chain.seen())
        #expect(changed.status == 200 && changed.json["phone"] == nil, "\(changed.text)")
        #expect(try await chain.call(.put, "\(path)/\(id)", json, headers: Chain.seen()).status == 412)
        let listed = try await chain.call(.get, path).json["items"]?.elements
        #expect(listed?.map { $0["lastName"]?.text } == ["Petit"])
        let found = try await chain.call(.get, "/v1/clients").json["items"]?.elements
        #expect(found?.map { $0["id"]?.text } == ["\(client)"])
        #expect(try await chain.call(.delete, "\(path)/\(id)", headers: Chain.seen(2)).status == 204)
        #expect(try await chain.call(.get, path).json["items"]?.elements?.isEmpty == true)
    }

    @Test func `INV-15: an SMS is offered to a mobile only, overseas as well`() async throws {
        let chain = try await Chain.open()
        for (number, isOffered) in [("06 12 34 56 78", true), ("01 42 68 53 00", false), ("0692 12 34 56", true)] {
            let client = try await chain.client(phone: number)
            let offers = try await chain.offers(try await chain.invoice(1_000, for: client))
            #expect(offers.contains("stripe sms -") == isOffered, "\(number): \(offers)")
        }
    }

    @Test func `INV-15: nothing is offered online without a way to the client or a method that allows it`() async throws
    {
        let chain = try await Chain.open()
        let (reachable, unknown) = try await (chain.client(phone: "+33612345678"), chain.client())
        let invoice = try await chain.invoice(1_000, for: reachable)
        #expect(
            try await chain.offers(invoice) == [
                "alma email no-email", "alma sms -", "paypal email no-email", "paypal sms -", "stripe email no-email",
                "stripe sms -",
            ])
        let alma = #"{"kind":"alma","label":"Alma","online":false,"journal":"AL","account":"511500"}"#
        #expect(try await chain.call(.put, "/v1/payment-methods/alma", alma, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.offers(invoice).first == "alma email method-not-online")
        let silent = try await chain.invoice(1_000, for: unknown)
        #expect(try await chain.offers(silent).last == "stripe sms no-mobile")
        let draft = try await chain.invoice(1_000, for: reachable, issuedOn: nil)
        #expect(try await Set(chain.offers(draft).map { $0.split(separator: " ").last }) == ["not-issued"])
        let french = try await chain.call(
            .get, "/v1/invoices/\(draft)/online-offers", headers: ["Accept-Language": "fr"])
        #expect(
            french.json["items"]?.elements?.first?["reason"]?.text == "La facture n'est pas émise.", "GEN-5")
        #expect(try await chain.collect(1_000, for: reachable, by: "card").status == 201)
        #expect(try await Set(chain.offers(invoice).map { $0.split(separator: " ").last }) == ["nothing-due"])
    }
}

extension Chain {
    fileprivate func offers(_ invoice: InvoiceID) async throws -> [String] {
        let items = try await call(.get, "/v1/invoices/\(invoice)/online-offers").json["items"]?.elements ?? []
        return items.map { item in
            ["method", "channel", "refusal"].map { item[$0]?.text ?? "-" }.joined(separator: " ")
        }
    }
}
