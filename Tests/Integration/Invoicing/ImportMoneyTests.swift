import HTTPServer
import PaymentModel
import PostgresClient
import Testing

// MARK: Rows under a number that stands further up

extension `A practice's files` {
    @Test(arguments: ["clients", "open-items", "payments"])
    func `INV-1, INV-8, INV-9: a dry run sees the rows of its own file, however far apart, as taking it in does`(
        kind: String
    ) async throws {
        let chain = try await Chain.open()
        // More than one batch of rows lies between the first and the last.
        let numbers = 1...(kind == "payments" ? 60 : 210)
        var rows = numbers.map { Self.row(kind, $0) }
        // Nobody's or of no day, and right further down; the same once more, and another thing under its number.
        rows.insert(Self.row(kind, 1).replacing("LILAS", with: "NOWHERE"), at: 0)
        let other = Self.row(kind, 2).replacing("Martin", with: "Petit").replacing("20,00", with: "9,00")
        rows += [Self.row(kind, 1), other, Self.row(kind, 2)]
        if kind != "clients" {
            let client = "client_ref;clinic_code;client_last_name\nC0;LILAS;Martin\n"
            _ = try await chain.takeFile(Array(client.utf8), kind: "clients")
        }
        let file = Array(([Self.header(kind)] + rows).map { $0 + "\n" }.joined().utf8)
        let done = "done: \(rows.count) read \(numbers.count) added 2 there 2 refused"
        #expect(try await chain.takeFile(file, kind: kind, mode: "dry-run") == done)
        let id = try await chain.sendFile(file, kind: kind)
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: id) == done, "what was said happens")
        let sheet = try await chain.call(.get, "/v1/imports/\(id)/refused-rows?language=en").text
        let reason = kind == "clients" ? "of another client, on line" : "is in the books, or further up, with another"
        #expect(sheet.contains(reason), "\(sheet)")
    }

    @Test func `INV-1: a client the books know stays as it is there, whatever else a file says of it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client(phone: "0639981001")
        let file = """
            client_ref;clinic_code;client_last_name;client_first_name;client_phone;client_email;client_town;company
            C1;LILAS;Martin;Ada;06 39 98 10 01;ada@example.org;Nantes;Haras

            """
        for mode in ["dry-run", "keep-good", "keep-good"] {
            let done = try await chain.takeFile(Array(file.utf8), kind: "clients", mode: mode)
            #expect(done == "done: 1 read 0 added 1 there 0 refused", "\(mode)")
        }
        let kept = try await chain.call(.get, "/v1/clients/\(client)").json
        #expect(kept["town"]?.text == "Lyon" && kept["email"]?.text == nil, "\(kept)")
        #expect(kept["reference"]?.text == "C1", "what it had none of")
        let details: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM billing_details WHERE organisation = \(chain.organisation)")
        #expect(details == 0)
    }

    private static func header(_ kind: String) -> String {
        switch kind {
        case "clients": "client_ref;clinic_code;client_last_name"
        case "open-items": "item_ref;clinic_code;client_ref;issued_on;amount_due"
        default: "payment_ref;clinic_code;client_ref;received_on;amount;method"
        }
    }

    private static func row(_ kind: String, _ number: Int) -> String {
        switch kind {
        case "clients": "C\(number);LILAS;Martin"
        case "open-items": "I\(number);LILAS;C0;20/10/2026;20,00"
        default: "P\(number);LILAS;C0;20/10/2026;20,00;card"
        }
    }
}

// MARK: What money of files does to the books

extension `A practice's files` {
    @Test(arguments: ["cash", "petty-cash"])
    func `INV-6, INV-9: cash of a file is taken in as it was, and counts for the ceiling of what is taken later`(
        method: String
    ) async throws {
        let chain = try await Chain.open()
        if method != "cash" {
            let own = #"{"code":"\#(method)","kind":"cash","label":"Caisse","journal":"CA","account":"530000"}"#
            let added = try await chain.call(.post, "/v1/payment-methods", own)
            #expect(added.status == 201, "\(added.text)")
        }
        try await chain.takeMoney(
            items: ["OLD-1;LILAS;C1;20/10/2026;2000,00", "OLD-2;LILAS;C1;21/10/2026;2000,00"],
            payments: [
                "P-1;LILAS;C1;20/10/2026;600,00;\(method);OLD-1", "P-2;LILAS;C1;20/10/2026;1200,00;\(method);OLD-2",
                "P-3;LILAS;C1;20/10/2026;100,00;card;OLD-1", "P-4;LILAS;C1;20/10/2026;500,00;\(method);",
            ])
        let client: ClientID = try await chain.bench.ask(
            "SELECT id FROM client WHERE organisation = \(chain.organisation)")
        let debts: [ReceivableID] = try await chain.bench.askAll(
            "SELECT id FROM receivable WHERE organisation = \(chain.organisation) ORDER BY reference")
        let told = { (debt: ReceivableID) in #","allocate":"as-told","allocations":[{"receivableID":"\#(debt)"}]"# }
        for (debt, cents) in [(debts[0], Int64(40_001)), (debts[1], 1)] {
            let refused = try await chain.collect(cents, for: client, by: "cash", more: told(debt))
            #expect(refused.status == 422 && refused.problem == "cash-ceiling", "\(refused.text)")
        }
        // So does the credit that the file left.
        let credit: PaymentOnAccountID = try await chain.bench.ask(
            "SELECT id FROM payment_on_account WHERE organisation = \(chain.organisation) AND reference = 'P-4'")
        let applied = try await chain.call(
            .post, "/v1/payments-on-account/\(credit)/allocations", #"{"on":"2026-11-20"\#(told(debts[0]))}"#,
            headers: Chain.seen())
        #expect(applied.status == 422 && applied.problem == "cash-ceiling", "\(applied.text)")
        #expect(try await chain.collect(40_000, for: client, by: "cash", more: told(debts[0])).status == 201)
        #expect(try await chain.collect(90_000, for: client, by: "card", more: told(debts[0])).status == 201)
    }
}

extension Chain {
    /// One client, what it owed in another software, and what it paid there.
    fileprivate func takeMoney(items: [String], payments: [String]) async throws {
        let files = [
            ("clients", "client_ref;clinic_code;client_last_name", ["C1;LILAS;Martin"]),
            ("open-items", "item_ref;clinic_code;client_ref;issued_on;amount_due", items),
            ("payments", "payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref", payments),
        ]
        for (kind, header, rows) in files {
            let file = ([header] + rows).map { $0 + "\n" }.joined()
            let done = try await takeFile(Array(file.utf8), kind: kind)
            guard done == "done: \(rows.count) read \(rows.count) added 0 there 0 refused" else {
                throw InvoicingBenchFailure(description: "\(kind): \(done)")
            }
        }
    }
}

extension `A practice's files` {
    @Test func `GEN-4: what has not happened yet is refused`() async throws {
        let chain = try await Chain.open()
        _ = try await chain.takeFile(
            Array("client_ref;clinic_code;client_last_name\nC1;LILAS;Martin\n".utf8), kind: "clients")
        let payment = "payment_ref;clinic_code;client_ref;received_on;amount;method\nP;LILAS;C1;2099-01-01;1,00;card\n"
        let item = "item_ref;clinic_code;client_ref;issued_on;amount_due\nI;LILAS;C1;2099-01-01;1,00\n"
        for (file, kind) in [(payment, "payments"), (item, "open-items")] {
            #expect(
                try await chain.takeFile(Array(file.utf8), kind: kind) == "done: 1 read 0 added 0 there 1 refused")
        }
    }
}
