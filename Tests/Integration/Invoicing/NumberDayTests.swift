import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Testing

@Suite struct `INV-4: numbers follow the days` {
    private func invoice(_ chain: Chain, _ client: ClientID, on day: String) async throws -> InProcessClient.Answer {
        try await chain.call(
            .post, "/v1/invoices", chain.draft(1_000, for: client, issuedOn: day, dueOn: "2199-12-31"))
    }

    /// A quote's number follows nothing.
    private func offer(_ chain: Chain, _ client: ClientID, on day: LocalDate) -> String {
        chain.draft(1_000, for: client, issuedOn: "\(day)", dueOn: "2199-12-31").replacing("dueOn", with: "validUntil")
    }

    /// A file of one invoice.
    private func file(_ reference: String, on day: LocalDate) -> String {
        Chain.invoiceHeader
            + Chain.invoiceRow(reference, day: 20, client: 1, label: "Soin").replacing("20/11/2026", with: "\(day)")
            .replacing("20/12/2026", with: "2199-12-31")
    }

    private func credit(_ chain: Chain, _ invoice: InvoiceID, on day: String) async throws -> InProcessClient.Answer {
        try await chain.call(
            .post, "/v1/invoices/\(invoice)/credit-notes", #"{"issuedOn":"\#(day)","reason":"error"}"#,
            headers: Chain.seen(2))
    }

    /// As it stands later: what a year to come has is told by its series.
    private func giveNumber(of day: String, in year: Int, at chain: Chain) async throws {
        try await chain.bench.overseer.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last, last_on)
            VALUES (\(chain.organisation), \(chain.clinic), 'F', \(Int32(year)), 1, \("\(year)-\(day)")::text::date)
            ON CONFLICT ON CONSTRAINT document_series_key DO UPDATE SET last_on = EXCLUDED.last_on
            """)
    }

    @Test func `an invoice or credit note of a day before the last number's is refused, and takes no number`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let first = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-18")
        let second = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-20")
        let early = try await invoice(chain, client, on: "2026-11-19")
        #expect(early.status == 422, "\(early.text)")
        #expect(
            early.refusal == [
                "/issuedOn", "The clinic has a number of 2026-11-20 already, and numbers follow the days.",
                "Give 2026-11-20 or a later day.",
            ])
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        #expect(try await chain.issue(draft, on: "2026-11-19").status == 422)
        #expect(try await chain.issue(draft, on: "2026-11-20").status == 200)
        // A series is one clinic's.
        let other = try await chain.anotherClinic("PANTIN")
        _ = try await chain.invoice(1_000, for: client, clinic: other, issuedOn: "2026-11-02")
        #expect(try await credit(chain, second, on: "2026-11-22").status == 201)
        let note = try await credit(chain, first, on: "2026-11-21")
        #expect(note.status == 422 && note.refusal[0] == "/issuedOn", "\(note.text)")
        #expect(try await credit(chain, first, on: "2026-11-22").status == 201)
        #expect(
            try await chain.numbers("credit_note") == ["A-LILAS-2026-000001", "A-LILAS-2026-000002"],
            "what was refused took none")
    }

    @Test func `a day of a mistyped year is refused with the first that can be meant, whatever is issued`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let today: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        // Days within their bounds, so that midnight may pass.
        let (old, first) = (today.adding(days: -366), today.adding(days: -363))
        #expect(try await chain.imports(file("R-1", on: old)).json["imported"]?.integer == 1, "files bring older ones")
        let imported: InvoiceID = try await chain.bench.ask(
            "SELECT id FROM invoice WHERE organisation = \(chain.organisation)")
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil, dueOn: "2199-12-31")
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", offer(chain, client, on: first)).id()
        // One that was written before quotes had such a bound.
        try await chain.bench.overseer.transaction { transaction in
            try transaction.execute("SET LOCAL session_replication_role = replica")
            try transaction.execute("UPDATE quote SET issued_on = \(old) WHERE id = \(quote)")
        }
        let days = #""issuedOn":"\#(old)","dueOn":"2199-12-31""#
        let answers = try await [
            invoice(chain, client, on: "\(old)"), chain.issue(draft, on: "\(old)"),
            credit(chain, imported, on: "\(old)"),
            chain.call(.post, "/v1/quotes", offer(chain, client, on: old)),
            chain.call(.post, "/v1/quotes/\(quote)/invoice", "{\(days)}", headers: Chain.seen()),
            chain.call(
                .post, "/v1/quotes/\(quote)/deposits", #"{"amount":{"minorUnits":500,"currency":"EUR"},\#(days)}"#,
                headers: Chain.seen()),
        ]
        for answer in answers {
            #expect(answer.status == 422 && answer.refusal[0] == "/issuedOn", "\(answer.text)")
            #expect(answer.refusal[1] == "It is too long ago to be the day it is issued.", "\(answer.text)")
            #expect(answer.refusal[2]?.hasSuffix(" or a later day.") == true, "\(answer.text)")
        }
        #expect(try await chain.numbers().count == 1)
        #expect(try await chain.numbers("credit_note").isEmpty)
        #expect(try await chain.numbers("quote").count == 1, "the first that can be meant was taken")
        let late = try await invoice(chain, client, on: "\(first)")
        #expect(late.status == 201, "\(late.text)")
    }

    @Test func `a year is closed once the clinic has a number of the next that is not of January, but for files`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let today: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        let next = today.year + 1
        for (last, status) in [("01-31", 201), ("02-01", 422)] {
            try await giveNumber(of: last, in: next, at: chain)
            let answer = try await invoice(chain, client, on: "\(today)")
            #expect(answer.status == status, "\(last): \(answer.text)")
            guard status == 422 else { continue }
            #expect(
                answer.refusal == [
                    "/issuedOn", "The clinic has a number of \(next)-02-01 already: \(today.year) is closed.",
                    "Give \(next)-02-01 or a later day.",
                ])
        }
        let issued: InvoiceID = try await chain.bench.ask(
            "SELECT id FROM invoice WHERE organisation = \(chain.organisation)")
        let note = try await credit(chain, issued, on: "\(today)")
        #expect(note.status == 422 && note.text.contains("\(today.year) is closed"), "\(note.text)")
        #expect(try await chain.imports(file("R-1", on: today)).json["imported"]?.integer == 1)
        #expect(try await chain.numbers().count == 2)
        #expect(try await chain.numbers("credit_note").isEmpty)
        #expect(try await chain.call(.post, "/v1/quotes", offer(chain, client, on: today)).status == 201)
    }

    @Test func `a day that has not come at the clinic is refused, and the zone decides`() async throws {
        // Between the two there is always a date line, whatever the hour.
        let (east, west) = (
            try await Chain.open(timeZone: "Pacific/Kiritimati"), try await Chain.open(timeZone: "Etc/GMT+12")
        )
        let today: String = try await east.bench.ask("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date::text")
        let there = try await invoice(east, east.client(), on: today)
        #expect(there.status == 201, "\(there.text)")
        let client = try await west.client()
        let refused = try await invoice(west, client, on: today)
        #expect(refused.status == 422 && refused.refusal[0] == "/issuedOn", "\(refused.text)")
        #expect(refused.refusal[1]?.hasPrefix("It has not come yet: at the clinic it is ") == true)
        #expect(try await west.numbers().isEmpty)
        let owed = try await west.invoice(1_000, for: client, issuedOn: "2026-11-20")
        #expect(try await credit(west, owed, on: today).status == 422)
    }

    @Test func `many who issue at once with different days leave numbers in the order of the days`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask { try await invoice(chain, client, on: "2026-11-\(10 + number * 7 % 10)").status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(Set(statuses).isSubset(of: [201, 422]))
        let days: [String] = try await chain.bench.askAll(
            "SELECT issued_on::text FROM invoice WHERE organisation = \(chain.organisation) ORDER BY sequence")
        #expect(days == days.sorted() && days.count == statuses.count { $0 == 201 })
        #expect(try await chain.numbers().last == "F-LILAS-2026-0000\(days.count < 10 ? "0" : "")\(days.count)")
    }

    @Test func `the note a refund makes by itself takes the day of the last one, and is never refused`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let paid = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-18")
        let wrong = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-18")
        let today: String = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        #expect(try await credit(chain, wrong, on: today).status == 201)
        let payment: PaymentID = IdentifierSource.system.make()
        let before = try #require(Instant("2026-11-20T12:00:00Z"))
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(1_000, by: client, for: paid, payment: payment, at: before)
            ])
            try await delivery.deliver([chain.refunded(400, of: payment, to: client, at: before)])
        }
        #expect(try await chain.standing(of: paid) == "paid 600 400 0")
        #expect(try await noteDays(chain) == [today, today])
    }

    private func noon(_ day: Int) throws -> Instant { try #require(Instant("2026-11-\(day)T12:00:00Z")) }

    /// The days of the credit notes, in the order of their numbers.
    private func noteDays(_ chain: Chain) async throws -> [String] {
        try await chain.bench.askAll(
            "SELECT issued_on::text FROM credit_note WHERE organisation = \(chain.organisation) ORDER BY number")
    }

    @Test func `INV-4: the note of a refund is not before its invoice, nor before its money was counted for that`()
        async throws
    {
        let chain = try await Chain.open()
        let (client, other) = try await (chain.client(), chain.client())
        let paid = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-20")
        let (early, credit): (PaymentID, PaymentID) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        try await Delivery.with { delivery in
            // Paid before somebody wrote the invoice, and told of after.
            try await delivery.deliver([
                chain.accepted(1_000, by: client, for: paid, payment: early, at: noon(17)),
                chain.accepted(1_000, by: other, payment: credit, disposition: .heldForClient, at: noon(17)),
            ])
            try await delivery.deliver([chain.refunded(400, of: early, to: client, at: noon(18))])
            #expect(try await noteDays(chain) == ["2026-11-20"])
            _ = try await chain.invoice(1_000, for: other, issuedOn: "2026-11-21")
            let held: PaymentOnAccountID = try await chain.bench.ask(
                "SELECT id FROM payment_on_account WHERE payment = \(credit)")
            let counted = try await chain.call(
                .post, "/v1/payments-on-account/\(held)/allocations", #"{"on":"2026-11-23"}"#, headers: Chain.seen())
            #expect(counted.status == 200 && counted.json.cents("unallocated") == 0, "\(counted.text)")
            try await delivery.deliver([chain.refunded(400, of: credit, to: other, at: noon(19))])
        }
        #expect(try await noteDays(chain) == ["2026-11-20", "2026-11-23"])
    }

    @Test func `INV-4: the note of a refund that is told of late is of no closed year`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let today: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        let next = today.year + 1
        let moment = try #require(Instant("\(today)T12:00:00Z"))
        let paid = try await chain.invoice(1_000, for: client, issuedOn: "\(today)", dueOn: "2199-12-31")
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(1_000, by: client, for: paid, payment: payment, at: moment)
            ])
            // As it stands later, when the clinic has numbers of January alone, and then of February.
            for last in ["01-31", "02-01"] {
                try await giveNumber(of: last, in: next, at: chain)
                try await delivery.deliver([chain.refunded(100, of: payment, to: client, at: moment)])
            }
        }
        #expect(try await noteDays(chain) == ["\(today)", "\(next)-02-01"])
        #expect(
            try await chain.numbers("credit_note")
                == ["A-LILAS-\(today.year)-000001", "A-LILAS-\(next)-000001"])
    }
}
