import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// INV-13: payments made online arrive by themselves.
@Suite struct `What a payment made online does to the books` {
    @Test func `C-08: it counts once, though it comes again and to two consumers at once`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoices = try await [chain.invoice(10_000, for: client), chain.invoice(5_000, for: client)]
        let paid = try chain.accepted(10_000, by: client, for: invoices[0])
        let partPaid = try chain.accepted(2_000, by: client, for: invoices[1])
        try await Delivery.with(members: 2) { delivery in
            try await delivery.deliver(paid.everywhere(24) + partPaid.everywhere(24))
            try await delivery.deliver([paid, partPaid, paid])
        }
        #expect(try await chain.standing(of: invoices[0]) == "paid 10000 0 0")
        #expect(try await chain.standing(of: invoices[1]) == "part-paid 2000 0 3000")
        #expect(try await chain.events(about: invoices[0]) == ["invoice-issued", "invoice-paid"])
        #expect(try await chain.events(about: invoices[1]) == ["invoice-issued", "invoice-part-paid"])
        #expect(try await chain.payments(of: client).sorted() == ["10000 10000 0 0", "2000 2000 0 0"])
        #expect(try await recorded(chain) == 2)
        #expect(try await parked(chain) == [])
    }

    @Test func `C-08: it counts once, though it is told in several events`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        let told = try (0..<6).map { number in
            try chain.accepted(10_000, by: client, for: invoice, payment: payment).under(key: "teller-\(number)")
        }
        let otherwise = try chain.accepted(9_000, by: client, for: invoice, payment: payment)
        try await Delivery.with(members: 2) { delivery in
            try await delivery.deliver(told)
            try await delivery.deliver([otherwise])
        }
        #expect(try await chain.payments(of: client) == ["10000 10000 0 0"])
        #expect(try await chain.events(about: invoice) == ["invoice-issued", "invoice-paid"])
        let letters = try await parked(chain)
        #expect(letters.count == 1 && letters.first?.contains("ToldOtherwise") == true, "a person looks at it")
    }

    @Test(arguments: ["automatic", "by-hand"])
    func `INV-13: one that is not in euros is parked with its reason, and nothing of it is in the books`(
        acceptance: String
    ) async throws {
        let chain = try await Chain.open()
        let rules = #"{"cashCeiling":{"minorUnits":100000,"currency":"EUR"},"onlineAcceptance":"\#(acceptance)"}"#
        #expect(try await chain.call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0)).status == 200)
        let client = try await chain.client()
        let dollars = Money(10_000, try #require(Currency("USD")))
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(dollars, by: client), chain.accepted(2_000, by: client)])
        }
        let letters = try await parked(chain)
        #expect(letters.count == 1 && letters.first?.contains("is in USD, and the books are in euros") == true)
        let waiting = try await chain.call(.get, "/v1/waiting-payments").json["items"]?.elements ?? []
        #expect(waiting.map { $0.cents("amount") } == (acceptance == "by-hand" ? [2_000] : []))
        #expect(try await chain.payments(of: client) == (acceptance == "by-hand" ? [] : ["2000 0 2000 0"]))
    }

    @Test func `INV-9: it serves its invoice, then the oldest, and keeps the surplus as credit`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let late = try await chain.invoice(4_000, for: client, dueOn: "2026-12-24")
        let early = try await chain.invoice(4_000, for: client, dueOn: "2026-12-20")
        let draft = try await chain.invoice(7_000, for: client, issuedOn: nil)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(5_000, by: client, for: late)])
            #expect(try await chain.standing(of: late) == "paid 4000 0 0")
            #expect(try await chain.standing(of: early) == "part-paid 1000 0 3000")
            try await delivery.deliver([chain.accepted(10_000, by: client, for: late)])
        }
        #expect(try await chain.standing(of: early) == "paid 4000 0 0")
        #expect(try await chain.standing(of: draft) == "draft 0 0 7000")
        #expect(try await chain.payments(of: client) == ["5000 5000 0 0", "10000 3000 7000 0"])
        #expect(try await chain.total("held") == 7_000)
        #expect(try await chain.events(about: late) == ["invoice-issued", "invoice-paid"])
    }

    @Test func `INV-8: what is due of a receivable is told with each part that is paid, or that comes back`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let receivable = try await chain.receivable(4_000, for: client)
        let cheque = #","cheque":{"number":"7"}"#
        let bounced: PaymentOnAccountID = try await chain.collect(1_000, for: client, by: "cheque", more: cheque).id()
        #expect(try await chain.collect(500, for: client, by: "cheque", more: cheque).status == 201)
        let reversed = try await chain.call(
            .post, "/v1/payments-on-account/\(bounced)/reversal", #"{"on":"2026-11-21","reason":"bounced"}"#,
            headers: Chain.seen())
        #expect(reversed.status == 200, "\(reversed.text)")
        #expect(try await chain.collect(3_500, for: client, by: "cheque", more: cheque).status == 201)
        #expect(
            try await chain.events(about: receivable) == [
                "receivable-recorded", "receivable-part-paid", "receivable-part-paid", "receivable-part-paid",
                "receivable-settled",
            ])
        let told: [String] = try await chain.bench.askAll(
            """
            SELECT convert_from(value, 'UTF8')::json -> 'due' ->> 'minorUnits' AS due FROM outbox
            WHERE subject = \(receivable.value) AND type LIKE '%.receivable-part-paid.%' ORDER BY position
            """)
        #expect(told == ["3000", "2500", "3500"])
    }

    @Test func `C-01: money that came too late for its invoice is the client's credit`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(10_000, by: client, for: invoice)])
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, disposition: .heldForClient),
                chain.accepted(6_000, by: client, for: invoice),
            ])
        }
        #expect(try await chain.standing(of: invoice) == "paid 10000 0 0")
        #expect(try await chain.total("held") == 16_000)
        #expect(try await chain.events(about: invoice) == ["invoice-issued", "invoice-paid"])
    }

    @Test func `INV-4: it is credit when its invoice was cancelled by a credit note`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        let back = try chain.refunded(10_000, of: payment, to: client)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(10_000, by: client, for: invoice, payment: payment), back])
            #expect(try await chain.standing(of: invoice) == "credited 0 10000 0")
            try await delivery.deliver([back, chain.accepted(10_000, by: client, for: invoice)])
        }
        #expect(try await chain.standing(of: invoice) == "credited 0 10000 0")
        #expect(try await chain.payments(of: client) == ["10000 0 0 10000", "10000 0 10000 0"])
        #expect(try await chain.numbers("credit_note") == ["A-LILAS-2026-000001"])
        #expect(
            try await chain.events(about: invoice) == ["invoice-issued", "invoice-paid", "credit-note-issued"])
        #expect(try await chain.taken(from: invoice).map { $0.split(separator: " ").last } == ["10000"])
    }

    @Test func `PAY-10, INV-8: others are told once what a refund took of a debt without an invoice`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(2_500, for: client)
        let receivable = try await chain.receivable(3_000, for: client)
        let (payment, later): (PaymentID, PaymentID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        let rest: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(6_000, by: client, for: invoice, payment: payment)])
            #expect(try await chain.payments(of: client) == ["6000 5500 500 0"])
            try await delivery.deliver([chain.refunded(500, of: payment, to: client)])
            let next = try await chain.invoice(1_000, for: client)
            try await delivery.deliver([
                chain.accepted(1_000, by: client, for: next, payment: later),
                chain.refunded(1_000, of: later, to: client),
            ])
            let back = try chain.refunded(5_500, as: rest, of: payment, to: client)
            let again = try chain.refunded(5_500, as: rest, of: payment, to: client)
            try await delivery.deliver([back, back, again, chain.returned(5_500, rest, of: payment)])
        }
        #expect(try await chain.payments(of: client) == ["6000 0 5500 500", "1000 0 0 1000"])
        let told: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', event ->> 'refundID', json_array_length(event -> 'receivables'),
                event #>> '{receivables,0,receivableID}', event #>> '{receivables,0,amount,minorUnits}',
                (event ->> 'refundedOn')::date = (
                    SELECT refunded_on FROM refund WHERE refund.id = (event ->> 'refundID')::uuid))
            FROM outbox JOIN payment_on_account AS money ON money.id = subject
                CROSS JOIN LATERAL (SELECT convert_from(value, 'UTF8')::json AS event) AS told
            WHERE money.client = \(client) AND type LIKE '%account-refunded.v1' ORDER BY position
            """)
        #expect(told == ["\(rest) 1 \(receivable) 3000 t"], "not of credit, nor of invoices")
        #expect(try await chain.taken(from: invoice).map { $0.split(separator: " ").last } == ["2500"])
        #expect(try await parked(chain) == [])
    }

    @Test func `INV-5: the credit note of a refund says why in the language of its page, and in French in its data`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        let told = try [
            chain.accepted(10_000, by: client, for: invoice, payment: payment),
            chain.refunded(10_000, of: payment, to: client),
        ]
        try await Delivery.with { delivery in try await delivery.deliver(told) }
        let note = try await chain.call(.get, "/v1/credit-notes").json["items"]?.elements?.first
        #expect(note?["reason"]?.text == "Remboursement")
        let path = "/v1/credit-notes/\(try #require(note?["id"]?.text))"
        let data = String(decoding: try await chain.file("\(path)/factur-x"), as: UTF8.self)
        #expect(data.contains("Motif : Remboursement<"), "\(data)")
        let french = try await PDFText.read(try await chain.file("\(path)/pdf?language=fr"))
        #expect(french.contains("Remboursement") && !french.contains("refund"), "\(french)")
        let english = try await PDFText.read(try await chain.file("\(path)/pdf?language=en"))
        #expect(english.contains("Refund") && !english.contains("Remboursement"), "\(english)")
    }

    @Test func `EVT-1: others are told a refund as one, and a person's words as a correction, whatever they are`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (paid, typed) = try await (chain.invoice(10_000, for: client), chain.invoice(5_000, for: client))
        let words = #"{"issuedOn":"2026-11-20","reason":"Remboursement"}"#
        let tag = try await chain.call(.get, "/v1/invoices/\(typed)").headers["ETag"] ?? ""
        let written = try await chain.call(
            .post, "/v1/invoices/\(typed)/credit-notes", words, headers: ["If-Match": tag])
        #expect(written.status == 201, "\(written.text)")
        let payment: PaymentID = IdentifierSource.system.make()
        let told = try [
            chain.accepted(10_000, by: client, for: paid, payment: payment),
            chain.refunded(10_000, of: payment, to: client),
        ]
        try await Delivery.with { delivery in try await delivery.deliver(told) }
        for (invoice, reason) in [(paid, "refund"), (typed, "correction")] {
            let announced: [String] = try await chain.bench.askAll(
                """
                SELECT convert_from(value, 'UTF8')::json ->> 'reason' FROM outbox
                WHERE subject = \(invoice.value) AND type = 'org.quittance.invoicing.credit-note-issued.v1'
                """)
            #expect(announced == [reason])
        }
    }

    @Test func `a refund is parked when it is of no known payment or of more than was received`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let (known, unknown): (PaymentID, PaymentID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: known),
                chain.refunded(4_000, of: known, to: client), chain.refunded(6_001, of: known, to: client),
                chain.refunded(1_000, of: unknown, to: client),
            ])
        }
        #expect(try await chain.standing(of: invoice) == "paid 6000 4000 0")
        let letters = try await parked(chain)
        #expect(letters.count == 2)
        #expect(letters.contains { $0.contains("moreThanReceived") })
        #expect(letters.contains { $0.contains("paymentUnknown") })
    }

    @Test func `C-24: the credit notes of many small refunds give back base and VAT to the cent`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let lines = [(3_333, 2_000), (1_999, 550), (101, 1_000)].map { cents, rate in
            #"{"label":"Soin","unitPriceTenThousandths":\#(cents * 100),"vatBasisPoints":\#(rate)}"#
        }
        let invoice: InvoiceID = try await chain.call(
            .post, "/v1/invoices",
            """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","dueOn":"2026-11-20",
             "lines":[\(lines.joined(separator: ","))]}
            """
        ).id()
        let billed = try #require(try await chain.invoice(invoice).cents("total"))
        let payment: PaymentID = IdentifierSource.system.make()
        let parts = [7, 1, 3, 500, 11, 1_000, 13, 17, 1, 1]
        let rest = billed - Int64(parts.reduce(0, +))
        try await Delivery.with { delivery in
            try await delivery.deliver(
                [chain.accepted(billed, by: client, for: invoice, payment: payment)]
                    + (parts.map(Int64.init) + [rest]).map { try chain.refunded($0, of: payment, to: client) })
        }
        #expect(try await chain.standing(of: invoice) == "credited 0 \(billed) 0")
        let beyond: Int64 = try await chain.bench.ask(
            """
            SELECT count(*) FROM (
                SELECT vat_basis_points, base, vat FROM invoice_vat WHERE invoice = \(invoice)
                EXCEPT
                SELECT vat_basis_points, sum(base)::bigint, sum(credit_note_vat.vat)::bigint
                FROM credit_note_vat JOIN credit_note ON credit_note.id = credit_note
                WHERE invoice = \(invoice) GROUP BY vat_basis_points) AS differing
            """)
        #expect(beyond == 0, "each rate is given back as it was billed")
    }

    @Test(arguments: [
        ("Europe/Paris", "2027-01-01"), ("America/Guadeloupe", "2026-12-31"), ("Indian/Reunion", "2027-01-01"),
    ])
    func `C-09: the day of a payment is the clinic's own`(zone: String, day: String) async throws {
        let chain = try await Chain.open(timeZone: zone)
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let moment = try #require(Instant("2026-12-31T23:30:00Z"))
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(10_000, by: client, for: invoice, at: moment)])
        }
        let received: String = try await chain.bench.ask(
            "SELECT received_on::text FROM payment_on_account WHERE client = \(client)")
        #expect(received == day)
    }

    @Test func `GEN-1: it never touches another organisation's client`() async throws {
        let (chain, other) = try await (Chain.open(), Chain.open())
        let theirs = try await other.client()
        let invoice = try await other.invoice(10_000, for: theirs)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(10_000, by: theirs, for: invoice)])
        }
        #expect(try await other.standing(of: invoice) == "issued 0 0 10000")
        #expect(try await other.payments(of: theirs).isEmpty)
        #expect(try await parked(chain).first?.contains("is not in this organisation") == true)
    }

    private func recorded(_ chain: Chain) async throws -> Int64 {
        try await chain.bench.ask(
            """
            SELECT count(*) FROM outbox JOIN payment_on_account ON payment_on_account.id = subject
            WHERE type LIKE '%payment-on-account-recorded.v1' AND organisation = \(chain.organisation)
            """)
    }

    private func parked(_ chain: Chain) async throws -> [String] {
        try await chain.bench.askAll(
            "SELECT reason FROM dead_letter WHERE organisation = \(chain.organisation) AND state = 'parked'")
    }
}
