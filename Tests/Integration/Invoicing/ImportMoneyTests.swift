import HTTPServer
import PaymentModel
import PostgresClient
import Testing

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
