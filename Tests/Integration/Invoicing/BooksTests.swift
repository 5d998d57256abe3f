import EventContract
import HTTPClient
import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-9: the books of invoicing` {
    @Test(
        arguments: [
            ("UPDATE allocation SET amount = amount - 1 WHERE amount > 0", "a debt is paid by"),
            ("UPDATE allocation SET amount = amount - 1 WHERE amount > 0", "a payment is what"),
            ("DELETE FROM allocation WHERE invoice IS NOT NULL", "a debt is paid by"),
            ("UPDATE receivable SET paid = paid + 1 WHERE paid + written_off < amount", "a debt is paid by"),
            ("DELETE FROM credit_note", "a debt is credited by"),
            ("UPDATE settlement SET undone_on = settled_on, undone_by = 'nobody'", "a debt is written off by"),
            ("UPDATE invoice SET paid = 1 WHERE number IS NULL", "no debt is paid, credited and written off beyond"),
            ("UPDATE refund SET returned_on = refunded_on", "a payment is what"),
            ("UPDATE refund SET amount = amount + 1", "a payment is what"),
            ("UPDATE dispute SET charged_back = charged_back + 1", "a payment is what"),
            ("DELETE FROM credit_archive", "credit is put away by"),
            ("UPDATE payment_on_account SET client = gen_random_uuid()", "what is counted is of one client"),
            ("UPDATE allocation SET amount = 99999", "what is counted is of one client"),
            (
                """
                INSERT INTO waiting_payment (payment, organisation, client, method, currency, amount, paid_on, held,
                    accepted_by)
                SELECT payment, organisation, client, method, currency, amount + 1, received_on, false, 'nobody'
                FROM payment_on_account WHERE payment IS NOT NULL
                """, "an online payment that was accepted is booked"
            ),
            (
                """
                INSERT INTO waiting_payment (payment, organisation, client, method, currency, amount, paid_on, held)
                SELECT payment, organisation, client, method, currency, amount, received_on, false
                FROM payment_on_account WHERE payment IS NOT NULL
                """, "an online payment that was accepted is booked"
            ),
            ("UPDATE invoice_vat SET vat = vat + 1", "a document is the sum"),
            ("DELETE FROM credit_note_vat", "a document is the sum"),
            ("UPDATE credit_note_vat SET vat_basis_points = 550", "no more of a rate is credited"),
            (
                """
                UPDATE invoice_vat SET base = base - 2000, vat = vat + 2000
                WHERE vat_basis_points = 2000 AND invoice IN (SELECT id FROM invoice WHERE deposit)
                """, "no more of a rate is credited than was billed, nor asked for by deposits"
            ),
            ("DELETE FROM invoice_deduction", "a quote is what its invoice bills"),
            ("UPDATE document_series SET last = last + 1 WHERE kind = 'R'", "a series gave as many numbers"),
            ("DELETE FROM payment_on_account WHERE receipt_number IS NOT NULL", "a series gave as many numbers"),
            (
                """
                UPDATE client SET merged_into = (SELECT id FROM client AS other WHERE other.id <> client.id LIMIT 1)
                """, "a client that became another one"
            ),
        ] as [(String, String)])
    func `INV-9: whatever breaks a sum of money is named`(forgery: String, invariant: String) async throws {
        let bench = try await InvoicingBench.start()
        try await Chain.open(on: bench).keepBooks()
        #expect(try await bench.breaches() == [])
        try await bench.forge(forgery)
        let found = try await bench.breaches()
        #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        await bench.close()
    }

    @Test func `INV-9: the running service counts what is broken for the alert, and what is mended no more`()
        async throws
    {
        let invoicing = try await MortalInvoicing.start()
        let chain = try await Chain.open(on: invoicing.bench)
        let client = try await chain.client()
        for cents in [1_000, 2_000] as [Int64] { _ = try await chain.invoice(cents, for: client) }
        #expect(try await chain.collect(3_000, for: client, by: "card").status == 201)
        try await invoicing.bench.forge("UPDATE invoice SET paid = paid - 1")
        try await invoicing.live(with: ["QUITTANCE_BOOKS_VERIFIED_EVERY": "1s"])
        let paid = [#"service="invoicing""#, #"invariant="a debt is paid by what was counted for it""#]
        try await waitUntil("two breaches are counted") {
            try await invoicing.metrics().values(of: "quittance_books_breaches", paid) == [2]
        }
        try await invoicing.bench.forge("UPDATE invoice SET paid = paid + 1")
        try await waitUntil("none is counted any more") {
            try await invoicing.metrics().values(of: "quittance_books_breaches", paid) == [0]
        }
        #expect(try await invoicing.metrics().sum(of: "quittance_books_breaches") == 0)
        try await invoicing.die()
    }
}

extension InvoicingBench {
    /// What `invoicing verify-books` names, under the service's own role.
    fileprivate func breaches() async throws -> [String] {
        var found: [String] = []
        let doctor = Doctor(of: database, within: .seconds(60))
        for invariant in InvoicingService.invariants {
            switch await doctor.look(for: invariant) {
            case .holds: continue
            case .broken(let breaches): found += breaches.map { "\(invariant.name): \($0)" }
            case .notChecked(let reason): found.append("\(invariant.name) was not checked: \(reason)")
            }
        }
        return found
    }
}

extension MortalInvoicing {
    fileprivate func metrics() async throws -> MetricPage {
        let scraper = Principal(
            subject: "scraper", organisation: IdentifierSource.system.make(), clinics: .all, role: .service,
            scopes: ["metrics:read"])
        let headers = [("Authorization", "Bearer \(try await token(of: scraper))")]
        let answer = try await HTTPClient(logger: quiet).send(
            HTTPRequest(.get, "\(address)/metrics", headers: headers, totalTimeout: .seconds(5)))
        return MetricPage(answer.body)
    }
}

extension Chain {
    /// Money of every kind and all that can become of it, in books that are right.
    fileprivate func keepBooks() async throws {
        let (client, other, buyer) = try await (self.client(), self.client(), self.client())
        let invoice = try await invoice(10_000, for: client)
        let paid = try await self.invoice(10_000, for: other)
        _ = try await self.invoice(100, for: client, issuedOn: nil)
        #expect(try await collect(4_000, for: client, by: "card").status == 201)
        #expect(try await credit(invoice, 1_000, seen: 3).status == 201)
        try await payOnline(paid, by: other)
        let quote = try await quote(for: buyer)
        #expect(try await deposit(5_000, on: quote).status == 201)
        let days = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        #expect(try await call(.post, "/v1/quotes/\(quote)/invoice", days, headers: Chain.seen(2)).status == 201)
        try await giveUpAndPutAway()
        let double = try await self.client()
        _ = try await receivable(300, for: double)
        #expect(try await merge(double, into: client).status == 200)
    }

    /// Some of it is given back, and some is taken back by its provider.
    private func payOnline(_ invoice: InvoiceID, by client: ClientID) async throws {
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with(on: bench) { delivery in
            try await delivery.deliver([
                accepted(10_000, by: client, for: invoice, payment: payment),
                refunded(3_000, of: payment, to: client),
                disputed(2_000, "dp_1", payment, by: client, invoice),
                disputeEnded(.lost, 2_000, "dp_1", payment, by: client, invoice),
            ])
        }
    }

    private func giveUpAndPutAway() async throws {
        let client = try await self.client()
        let credit: PaymentOnAccountID = try await collect(
            700, for: client, by: "card", more: #","allocate":"keep""#
        ).id()
        let path = "/v1/payments-on-account/\(credit)/archive"
        let reason = #"{"on":"2026-11-20","reason":"Introuvable"}"#
        #expect(try await call(.post, path, reason, headers: Chain.seen()).status == 200)
        _ = try await receivable(500, for: client)
        let period = #"{"from":"2026-11-01","to":"2026-11-30","on":"2026-11-24","reason":"prescription"}"#
        #expect(try await call(.post, "/v1/clients/\(client)/settlements", period).status == 201)
    }
}
