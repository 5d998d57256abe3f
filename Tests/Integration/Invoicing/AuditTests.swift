import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `GEN-6: the audit trail of invoicing` {
    @Test func `GEN-6: tells who changed a client, its contacts and details, from what to what`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let path = "/v1/clients/\(client)"
        let details = #"{"lastName":"Durand","firstName":"Ada","town":"Lyon"}"#
        #expect(try await chain.call(.put, path, details, headers: Chain.seen()).status == 200)
        let person = #"{"lastName":"Petit","firstName":"Léo","email":"leo@example.org"}"#
        let contact: ContactID = try await chain.call(.post, "\(path)/contacts", person).id()
        let renamed = person.replacing("Petit", with: "Grand")
        #expect(try await chain.call(.put, "\(path)/contacts/\(contact)", renamed, headers: Chain.seen()).status == 200)
        #expect(try await chain.call(.delete, "\(path)/contacts/\(contact)", headers: Chain.seen(2)).status == 204)
        let street = #"{"street":"1 rue X"}"#
        #expect(try await chain.call(.put, "\(path)/billing-details", street, headers: Chain.seen(0)).status == 200)
        let trail = try await chain.trail("subject=\(client)")
        #expect(
            trail.map { $0["action"]?.text } == [
                "billing-details-changed", "contact-removed", "contact-changed", "contact-added", "client-changed",
                "client-added",
            ])
        #expect(trail.allSatisfy { $0["actor"]?.text == "tester" && $0["at"]?.text?.hasPrefix("20") == true })
        let changed = try #require(trail.first { $0["action"]?.text == "client-changed" })
        #expect(changed["before"]?.text?.contains("Martin") == true)
        #expect(changed["after"]?.text?.contains("Durand") == true)
        let moved = try #require(trail.first { $0["action"]?.text == "contact-changed" })
        #expect(moved["before"]?.text?.contains("Petit") == true && moved["after"]?.text?.contains("Grand") == true)
    }

    @Test func `GEN-6: tells what became of drafts, quotes and settings`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        #expect(try await chain.issue(draft).status == 200)
        let unwanted = try await chain.invoice(1_000, for: client, issuedOn: nil)
        #expect(try await chain.call(.delete, "/v1/invoices/\(unwanted)", headers: Chain.seen()).status == 200)
        #expect(try await chain.credit(draft, 100, seen: 2).status == 201)
        let quote = try await chain.quote(for: client)
        #expect(try await chain.call(.post, "/v1/quotes/\(quote)/decline", headers: Chain.seen()).status == 200)
        #expect(
            try await chain.actions("subject=\(draft)") == ["credit-note-written", "invoice-issued", "invoice-written"])
        #expect(try await chain.actions("subject=\(unwanted)") == ["draft-cancelled", "invoice-written"])
        #expect(try await chain.actions("subject=\(quote)") == ["quote-declined", "quote-written"])
        let wanted = try await chain.quote(for: client)
        #expect(try await chain.deposit(1_000, on: wanted).status == 201)
        let days = #"{"issuedOn":"2026-11-20","dueOn":"2026-12-20"}"#
        #expect(try await chain.call(.post, "/v1/quotes/\(wanted)/invoice", days, headers: Chain.seen(2)).status == 201)
        #expect(
            try await chain.actions("subject=\(wanted)") == ["quote-invoiced", "deposit-requested", "quote-written"])
        let became = try await chain.trail("subject=\(wanted)").first
        #expect(became?["before"]?.text?.contains(#""status":"open""#) == true)
        #expect(became?["after"]?.text?.contains(#""status":"invoiced""#) == true)
        let seller = #"{"name":"Les Tilleuls","vatScheme":"exempt","address":{"town":"Lyon"}}"#
        let saved = try await chain.call(.put, "/v1/organisation/seller", seller, headers: Chain.seen(0))
        #expect(saved.status == 200, "\(saved.text)")
        #expect(try await chain.logo(Chain.pixel).status == 204)
        let logo = try #require(try await chain.trail("subject=\(chain.organisation)").first)
        #expect(logo["before"]?.text == "{}" && logo["after"]?.text?.contains(#""sha256":""#) == true, "\(logo)")
        #expect(try await chain.call(.delete, "/v1/organisation/logo", headers: Chain.seen(2)).status == 204)
        _ = try await chain.call(.put, "/v1/organisation", #"{"name":"Les Saules"}"#, headers: Chain.seen())
        #expect(
            try await chain.actions("subject=\(chain.organisation)") == [
                "organisation-changed", "logo-changed", "logo-changed", "seller-changed", "clinic-added",
                "organisation-changed",
            ])
        let renamed = try await chain.trail("subject=\(chain.organisation)").first
        #expect(renamed?["before"]?.text?.contains("Tilleuls") == true)
    }

    @Test func `GEN-6: what was counted, credited and settled is found by each debt, note and settlement, once`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(1_000, for: client)
        let receivable = try await chain.receivable(300, for: client)
        let other = try await chain.invoice(1_000, for: client)
        let part = { (debt: String, cents: Int) in
            #"{\#(debt),"amount":{"minorUnits":\#(cents),"currency":"EUR"}}"#
        }
        let parts = [part(#""invoiceID":"\#(invoice)""#, 400), part(#""receivableID":"\#(receivable)""#, 100)]
        let told = #","allocate":"as-told","allocations":[\#(parts.joined(separator: ","))]"#
        let payment: PaymentOnAccountID = try await chain.collect(900, for: client, by: "card", more: told).id()
        let path = "/v1/payments-on-account/\(payment)"
        let more = #"{"on":"2026-11-21","allocate":"as-told","allocations":[{"receivableID":"\#(receivable)"}]}"#
        #expect(try await chain.call(.post, "\(path)/allocations", more, headers: Chain.seen()).status == 200)
        let bounced = #"{"on":"2026-11-22","reason":"bounced"}"#
        #expect(try await chain.call(.post, "\(path)/reversal", bounced, headers: Chain.seen(2)).status == 200)
        let version = try #require(try await chain.invoice(invoice)["version"]?.integer)
        let note: CreditNoteID = try await chain.credit(invoice, 100, seen: Int(version)).id()
        let json = #"{"from":"2026-01-01","to":"2026-12-31","reason":"Geste","on":"2026-11-24"}"#
        let settlement: SettlementID = try await chain.call(.post, "/v1/clients/\(client)/settlements", json).id()
        let undo = "/v1/settlements/\(settlement)/undo"
        let day = #"{"on":"2026-11-24"}"#
        #expect(try await chain.call(.post, undo, day, headers: Chain.seen()).status == 200)
        let settled = ["settlement-undone", "debts-settled"]
        #expect(
            try await chain.actions("subject=\(invoice)")
                == settled + ["credit-note-written", "payment-reversed", "payment-collected", "invoice-written"])
        #expect(
            try await chain.actions("subject=\(receivable)")
                == settled + ["payment-reversed", "credit-applied", "payment-collected", "receivable-recorded"])
        #expect(try await chain.actions("subject=\(other)") == settled + ["invoice-written"])
        #expect(try await chain.actions("subject=\(settlement)") == settled)
        #expect(try await chain.actions("subject=\(note)") == ["credit-note-written"])
        #expect(try await chain.actions("subject=\(chain.clinic)") == ["clinic-added"])
        #expect(try await chain.actions("subject=\(invoice)&actor=nobody") == [])
        let page = try await chain.call(.get, "/v1/audit?subject=\(invoice)&limit=4").json
        let next = "subject=\(invoice)&limit=4&after=\(page["next"]?.text ?? "")"
        #expect(try await chain.actions(next) == ["payment-collected", "invoice-written"])
        let entries = try await chain.trail("actor=tester")
        #expect(entries.filter { $0["action"]?.text == "payment-collected" }.count == 1)
        #expect(try await Chain.open().trail("subject=\(invoice)").isEmpty, "nobody else reads it")
    }

    @Test func `GEN-6: money that came by a file is found by what it was counted for, too`() async throws {
        let chain = try await Chain.open()
        for (kind, file) in [
            ("clients", "client_ref;clinic_code;client_last_name\nC1;LILAS;Martin\n"),
            (
                "open-items",
                "item_ref;clinic_code;client_ref;issued_on;amount_due\nOLD-1;LILAS;C1;20/10/2026;20,00\n"
            ),
            (
                "payments",
                "payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref\n"
                    + "P-1;LILAS;C1;21/10/2026;5,00;card;OLD-1\n"
            ),
        ] {
            let done = try await chain.takeFile(Array(file.utf8), kind: kind)
            #expect(done == "done: 1 read 1 added 0 there 0 refused", "\(kind)")
        }
        let debt: ReceivableID = try await chain.bench.ask(
            "SELECT id FROM receivable WHERE organisation = \(chain.organisation)")
        #expect(try await chain.actions("subject=\(debt)") == ["payment-imported", "receivable-recorded"])
    }

    @Test func `GEN-6: what is said of a clinic, and where it is, is found by the clinic and by its organisation`()
        async throws
    {
        let chain = try await Chain.open()
        let path = "/v1/clinics/\(chain.clinic)"
        let named = #"{"name":"Les Lilas","timeZone":"Europe/Paris"}"#
        #expect(try await chain.call(.put, path, named, headers: Chain.seen()).status == 200)
        let town = #"{"town":"Lille"}"#
        #expect(try await chain.call(.put, "\(path)/address", town, headers: Chain.seen(0)).status == 200)
        let actions = ["clinic-address-changed", "clinic-changed", "clinic-added"]
        #expect(try await chain.actions("subject=\(chain.clinic)") == actions)
        #expect(try await chain.actions("subject=\(chain.organisation)") == actions + ["organisation-changed"])
    }

    @Test func `GEN-6: a change that is refused leaves no entry, and one repeated leaves one`() async throws {
        let chain = try await Chain.open()
        let key = Chain.newKey()
        let json = #"{"clinicID":"\#(chain.clinic)","lastName":"A","firstName":"B","town":"C","phone":"0612345678"}"#
        let client: ClientID = try await chain.call(.post, "/v1/clients", json, key: key).id()
        #expect(try await chain.call(.post, "/v1/clients", json, key: key).id() == client)
        #expect(try await chain.call(.post, "/v1/clients", json).status == 422)
        let details = #"{"lastName":"X","firstName":"B","town":"C"}"#
        #expect(try await chain.call(.put, "/v1/clients/\(client)", details, headers: Chain.seen(7)).status == 412)
        #expect(try await chain.actions("subject=\(client)") == ["client-added"])
    }

    @Test func `GEN-6: it is read page by page, by person too, by managers and accountants only`() async throws {
        let chain = try await Chain.open()
        for _ in 0..<5 { _ = try await chain.client() }
        var (pages, next): ([String?], String?) = ([], nil)
        repeat {
            let after = next.map { "&after=\($0)" } ?? ""
            let page = try await chain.call(.get, "/v1/audit?limit=2\(after)").json
            pages += page["items"]?.elements?.map { $0["id"]?.text } ?? []
            next = page["next"]?.text
        } while next != nil
        #expect(pages.count == 7 && Set(pages).count == 7, "an organisation, a clinic and five clients")
        #expect(try await chain.trail("actor=nobody").isEmpty)
        #expect(try await chain.trail("actor=tester").count == 7)
        let accountant = chain.principal(role: .accountant)
        #expect(try await chain.call(.get, "/v1/audit", as: accountant).status == 200)
        #expect(try await chain.call(.get, "/v1/audit", as: chain.principal(role: .frontDesk)).status == 403)
        #expect(try await Chain.open().trail("subject=\(chain.organisation)").isEmpty, "nobody else reads it")
    }

    @Test(
        arguments: [
            "UPDATE audit_entry SET actor = 'nobody'", "UPDATE audit_entry SET after = '{}'",
            "DELETE FROM audit_entry", "UPDATE audit_entry SET person_erased = true, after = '{}'",
            "DELETE FROM audit_mention", "UPDATE audit_mention SET subject = entry",
            "UPDATE audit_entry SET person_erased = true, after = without_person(after), action = 'none'",
        ])
    func `GEN-6: nothing in it can be changed or removed`(statement: String) async throws {
        let chain = try await Chain.open()
        _ = try await chain.client()
        let options = TransactionOptions.readWrite.setting("quittance.organisation", to: "\(chain.organisation)")
        let error = await #expect(throws: PostgresError.self) {
            _ = try await chain.bench.database.pool.transaction(options) { transaction in
                try transaction.execute("\(unescaped: statement)")
            }
        }
        #expect(error?.sqlState?.rawValue.hasPrefix("23") == true, "\(error?.description ?? "-")")
    }
}

extension Chain {
    fileprivate func trail(_ query: String) async throws -> [JSONValue] {
        try await call(.get, "/v1/audit?\(query)").json["items"]?.elements ?? []
    }

    fileprivate func actions(_ query: String) async throws -> [String?] {
        try await trail(query).map { $0["action"]?.text }
    }
}
