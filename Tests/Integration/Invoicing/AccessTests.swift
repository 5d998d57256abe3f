import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// One call of a stranger, and what it may see.
private struct Attempt {
    /// `refused`: about the stranger's own, and not as it must be.
    enum Outcome { case notFound, nothing, own, refused }

    let operation: String
    let method: HTTPMethod
    let path: String
    let json: String?
    let outcome: Outcome
    /// The version it says it has seen.
    let seen: Int
    let role: Role

    init(
        _ operation: String, _ method: HTTPMethod, _ path: String, _ json: String? = nil,
        _ outcome: Outcome = .notFound,
        seen: Int = 1, as role: Role = .manager
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.json = json
        self.outcome = outcome
        self.seen = seen
        self.role = role
    }
}

@Suite struct `What the invoicing service lets in` {
    @Test func `GEN-1: nothing of another organisation exists, on any route`() async throws {
        let (chain, stranger) = try await (Chain.open(), Chain.open())
        let client = try await chain.client(phone: "+33612345678")
        let invoice = try await chain.invoice(10_000, for: client)
        let draft = try await chain.invoice(10_000, for: client, issuedOn: nil)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(4_000, by: client, for: invoice)])
        }
        let payments = try await chain.call(.get, "/v1/payments-on-account").json["items"]?.elements ?? []
        let payment = try #require(payments.first?["id"]?.text)
        let receivable = try await chain.receivable(1_000, for: client)
        let quote = try await chain.quote(for: client)
        let (note, settlement) = try await creditedAndSettled(chain)
        let attempts =
            attempts(chain, client: client, draft: draft, payment: payment)
            + moneyAttempts(chain, client: client, payment: payment, receivable: receivable, settlement)
            + quoteAttempts(chain, client: client, quote) + documentAttempts(client: client, invoice, note)
            + personAttempts(client: client, invoice, payment: payment) + importAttempts(receivable)
        #expect(Set(attempts.map(\.operation)) == Set(chain.bench.assembly.routes.map(\.operation)))
        let before = try await seen(chain)
        for attempt in attempts {
            let headers = attempt.method == .get ? Headers() : Chain.seen(attempt.seen)
            let answer = try await stranger.call(
                attempt.method, attempt.path, attempt.json, headers: headers,
                as: stranger.principal(role: attempt.role))
            switch attempt.outcome {
            case .notFound: #expect(answer.status == 404, "\(attempt.operation): \(answer.text)")
            case .nothing: #expect(answer.json["items"]?.elements?.isEmpty == true, "\(attempt.operation)")
            case .own: #expect(answer.status < 300, "\(attempt.operation): \(answer.text)")
            case .refused: #expect((400...499).contains(answer.status), "\(attempt.operation): \(answer.text)")
            }
            for secret in [
                "\(client)", "\(invoice)", "\(draft)", payment, "\(chain.clinic)", "\(note)", "\(settlement)",
            ] {
                #expect(!answer.text.contains(secret) || attempt.path.contains(secret), "\(attempt.operation)")
            }
        }
        #expect(try await seen(chain) == before, "nor was anything changed")
        #expect(try await stranger.total("billed") == 0)
    }

    /// A credit note and a settlement of another client's debt.
    private func creditedAndSettled(_ chain: Chain) async throws -> (CreditNoteID, SettlementID) {
        let debtor = try await chain.client()
        let billed = try await chain.invoice(1_000, for: debtor)
        let note: CreditNoteID = try await chain.credit(billed, 100, seen: 2).id()
        let settlement: SettlementID = try await chain.call(
            .post, "/v1/clients/\(debtor)/settlements",
            #"{"from":"2026-01-01","to":"2026-12-31","reason":"X","on":"2026-11-24"}"#
        ).id()
        return (note, settlement)
    }

    @Test func `hides the invoices and payments of clinics the caller does not act for`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        let mine = try await chain.invoice(1_000, for: client, clinic: other)
        let hidden = try await chain.invoice(1_000, for: client)
        let note: CreditNoteID = try await chain.credit(mine, 100, seen: 2).id()
        let otherNote: CreditNoteID = try await chain.credit(hidden, 100, seen: 2).id()
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(500, by: client)])
        }
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let read = try await chain.call(.get, "/v1/credit-notes/\(note)", as: desk)
        #expect(read.status == 200 && read.json["reason"]?.text == "error", "INV-4: \(read.text)")
        #expect(try await chain.call(.get, "/v1/credit-notes/\(otherNote)", as: desk).status == 404)
        let listed = try await chain.call(.get, "/v1/invoices", as: desk).json["items"]?.elements ?? []
        #expect(listed.map { $0["id"]?.text } == ["\(mine)"])
        let payments = try await chain.call(.get, "/v1/payments-on-account", as: desk).json["items"]?.elements
        #expect(payments?.isEmpty == true)
        #expect(try await chain.call(.get, "/v1/invoices/\(draft)", as: desk).status == 404)
        #expect(try await chain.issue(draft, as: desk).status == 404)
        #expect(
            try await chain.call(.post, "/v1/invoices", chain.draft(1_000, for: client), as: desk).status == 403)
        let accountant = chain.principal(role: .accountant, clinics: .some([other]))
        #expect(try await chain.call(.get, "/v1/totals", as: accountant).status == 403)
        #expect(try await chain.call(.get, "/v1/invoices").json["items"]?.elements?.count == 3)
    }

    @Test func `GEN-1: row-level security is a second fence, for the service's own role too`() async throws {
        let (chain, stranger) = try await (Chain.open(), Chain.open())
        _ = try await chain.imports(
            """
            invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;\
            client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate
            R-1;LILAS;2026-11-20;2026-11-20;C1;Martin;Ada;+33639981001;a@example.org;fr;Lyon;Soin;1;10,00;20,00

            """)
        let tables = [
            "organisation", "clinic", "client", "document_series", "invoice", "invoice_line", "invoice_vat",
        ]
        for table in tables {
            let count: SQL = """
                SELECT count(*) AS count FROM \(unescaped: table) WHERE organisation = \(chain.organisation)
                """
            #expect(try await self.count(count, as: "\(chain.organisation)", chain) > 0, "\(table)")
            #expect(try await self.count(count, as: "\(stranger.organisation)", chain) == 0, "\(table)")
            #expect(try await self.count(count, as: "", chain) == 0, "\(table)")
        }
        let fenced: [String] = try await chain.bench.askAll(
            """
            SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'invoicing'::regnamespace AND relkind = 'r' AND attname = 'organisation'
                AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname
            """)
        #expect(fenced == ["cause", "dead_letter"], "only what the messaging works on across organisations")
    }

    @Test(arguments: ["payments", "notification", "reconciliation"])
    func `another service's role reads nothing of the schema and writes nothing into it`(role: String) async throws {
        let bench = try await InvoicingBench.get()
        var settings = bench.settings
        settings.user = role
        settings.connections = 1
        settings.searchPath = role
        let pool = PostgresPool(settings, logger: InvoicingBench.logger)
        for statement in [
            "SELECT count(*) FROM invoicing.invoice", "SELECT count(*) FROM invoicing.outbox",
            "DELETE FROM invoicing.client", "CREATE TABLE invoicing.spy (id int)", "SET ROLE invoicing",
            "SELECT invoicing.is_visible(gen_random_uuid())",
        ] as [SQL] {
            let error = await #expect(throws: PostgresError.self, "\(statement)") { try await pool.execute(statement) }
            #expect(error?.sqlState == .insufficientPrivilege)
        }
        await pool.close()
    }

    @Test func `describes exactly the routes it serves`() async throws {
        let bench = try await InvoicingBench.get()
        #expect(try OpenAPICheck(bench.assembly.openAPI, bench.assembly.routes).differences() == [])
        #expect(!bench.assembly.openAPI.contains("\"Done.\""), "each answer says what it has")
    }

    /// A stranger's calls about what is the chain's, one for each route at least.
    private func attempts(_ chain: Chain, client: ClientID, draft: InvoiceID, payment: String) -> [Attempt] {
        let details = #"{"lastName":"X","firstName":"Y","town":"Z"}"#
        let foreign = #"{"clinicID":"\#(chain.clinic)","lastName":"X","firstName":"Y","town":"Z"}"#
        return [
            Attempt("putOrganisation", .put, "/v1/organisation", #"{"name":"Another"}"#, .own),
            Attempt("getOrganisation", .get, "/v1/organisation", nil, .own),
            Attempt("createClinic", .post, "/v1/clinics", #"{"code":"LILAS2","name":"Mine"}"#, .own),
            Attempt("listClinics", .get, "/v1/clinics", nil, .own),
            Attempt("getClinicAddress", .get, "/v1/clinics/\(chain.clinic)/address"),
            Attempt("putClinicAddress", .put, "/v1/clinics/\(chain.clinic)/address", #"{"town":"Z"}"#, seen: 0),
            Attempt("getClinic", .get, "/v1/clinics/\(chain.clinic)"),
            Attempt("putClinic", .put, "/v1/clinics/\(chain.clinic)", #"{"name":"Mine","timeZone":"Europe/Paris"}"#),
            Attempt("createClient", .post, "/v1/clients", foreign),
            Attempt("listClients", .get, "/v1/clients?phone=%2B33612345678", nil, .nothing),
            Attempt("getClient", .get, "/v1/clients/\(client)"),
            Attempt("putClient", .put, "/v1/clients/\(client)", details),
            Attempt("getStatement", .get, "/v1/clients/\(client)/statement?from=2026-01-01&to=2026-12-31"),
            Attempt("createInvoice", .post, "/v1/invoices", chain.draft(1, for: client)),
            Attempt("listInvoices", .get, "/v1/invoices", nil, .nothing),
            Attempt("getInvoice", .get, "/v1/invoices/\(draft)"),
            Attempt("rewriteInvoice", .put, "/v1/invoices/\(draft)", chain.draft(1, for: client, issuedOn: nil)),
            Attempt("issueInvoice", .post, "/v1/invoices/\(draft)/issue", #"{"issuedOn":"2026-11-20"}"#),
            Attempt("cancelInvoice", .delete, "/v1/invoices/\(draft)"),
            Attempt(
                "createCreditNote", .post, "/v1/invoices/\(draft)/credit-notes",
                #"{"issuedOn":"2026-11-20","reason":"X"}"#),
            Attempt("listCreditNotes", .get, "/v1/invoices/\(draft)/credit-notes"),
            Attempt("listAllCreditNotes", .get, "/v1/credit-notes", nil, .nothing),
            Attempt("getTotals", .get, "/v1/totals", nil, .own),
            Attempt("listPaymentsOnAccount", .get, "/v1/payments-on-account", nil, .nothing),
            Attempt("getPaymentOnAccount", .get, "/v1/payments-on-account/\(payment)"),
            Attempt("importInvoices", .post, "/v1/invoice-imports", "", .own),
        ]
    }

    private func quoteAttempts(_ chain: Chain, client: ClientID, _ id: QuoteID) -> [Attempt] {
        let quote = "/v1/quotes/\(id)"
        let json = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-20",
             "lines":[{"label":"X","unitPriceTenThousandths":100,"vatBasisPoints":0}]}
            """
        let dates = #"{"issuedOn":"2026-11-20","dueOn":"2026-12-20"}"#
        return [
            Attempt("createQuote", .post, "/v1/quotes", json), Attempt("listQuotes", .get, "/v1/quotes", nil, .nothing),
            Attempt("getQuote", .get, quote), Attempt("getQuotePDF", .get, "\(quote)/pdf"),
            Attempt("invoiceQuote", .post, "\(quote)/invoice", dates),
            Attempt(
                "requestDeposit", .post, "\(quote)/deposits",
                #"{"amount":{"minorUnits":1,"currency":"EUR"},\#(dates.dropFirst())"#),
            Attempt("declineQuote", .post, "\(quote)/decline"),
        ]
    }

    private func documentAttempts(client: ClientID, _ invoice: InvoiceID, _ note: CreditNoteID) -> [Attempt] {
        let seller = #"{"name":"Another","vatScheme":"exempt","address":{"town":"Z"}}"#
        return [
            Attempt("getInvoicePDF", .get, "/v1/invoices/\(invoice)/pdf"),
            Attempt("getInvoiceData", .get, "/v1/invoices/\(invoice)/factur-x"),
            Attempt("getInvoiceRecipient", .get, "/v1/invoices/\(invoice)/recipient", as: .service),
            Attempt("getCreditNote", .get, "/v1/credit-notes/\(note)"),
            Attempt("getCreditNotePDF", .get, "/v1/credit-notes/\(note)/pdf"),
            Attempt("getCreditNoteData", .get, "/v1/credit-notes/\(note)/factur-x"),
            Attempt("putSeller", .put, "/v1/organisation/seller", seller, .own, seen: 0),
            Attempt("getSeller", .get, "/v1/organisation/seller", nil, .own),
            Attempt("putLogo", .put, "/v1/organisation/logo", "{}", .refused),
            Attempt("deleteLogo", .delete, "/v1/organisation/logo", nil, .own),
            Attempt("getBillingDetails", .get, "/v1/clients/\(client)/billing-details"),
            Attempt("putBillingDetails", .put, "/v1/clients/\(client)/billing-details", "{}", seen: 0),
        ]
    }

    private func importAttempts(_ id: ReceivableID) -> [Attempt] {
        let mapping = "/v1/import-mappings/vetapp"
        return [
            Attempt("startImport", .post, "/v1/imports?kind=clients", "", .own),
            Attempt("listImports", .get, "/v1/imports?limit=1", nil, .own),
            Attempt("getImport", .get, "/v1/imports/\(id)"),
            Attempt("getRefusedRows", .get, "/v1/imports/\(id)/refused-rows"),
            Attempt("listImportMappings", .get, "/v1/import-mappings", nil, .nothing),
            Attempt("getImportMapping", .get, mapping),
            Attempt("deleteImportMapping", .delete, mapping),
            Attempt("putImportMapping", .put, mapping, #"{"kind":"clients"}"#, .own, seen: 0),
        ]
    }

    private func personAttempts(client: ClientID, _ invoice: InvoiceID, payment: String) -> [Attempt] {
        [
            Attempt("mergeClient", .post, "/v1/clients/\(client)/merge", #"{"intoClientID":"\#(invoice)"}"#),
            Attempt("movePhone", .post, "/v1/clients/\(client)/phone/move", #"{"toClientID":"\#(invoice)"}"#),
            Attempt("getStatementPDF", .get, "/v1/clients/\(client)/statement/pdf?from=2026-01-01&to=2026-12-31"),
            Attempt("getStatementPage", .get, "/v1/clients/\(client)/statement/html?from=2026-01-01&to=2026-12-31"),
            Attempt("getStatementSheet", .get, "/v1/clients/\(client)/statement/csv?from=2026-01-01&to=2026-12-31"),
            Attempt("getReceipt", .get, "/v1/payments-on-account/\(payment)/receipt"),
            Attempt(
                "getReceiptRecipient", .get, "/v1/payments-on-account/\(payment)/recipient", as: .service),
            Attempt("previewErasure", .get, "/v1/clients/\(client)/erasure"),
            Attempt("eraseClient", .post, "/v1/clients/\(client)/erasure"),
        ]
    }

    private func moneyAttempts(
        _ chain: Chain, client: ClientID, payment: String, receivable: ReceivableID, _ settlement: SettlementID
    ) -> [Attempt] {
        let euro = #"{"minorUnits":100,"currency":"EUR"}"#
        let payments = "/v1/payments-on-account/\(payment)"
        let terms = #"{"label":"X","amount":\#(euro),"dueOn":"2026-12-31"}"#
        let owed =
            terms.dropLast()
            + #","clientID":"\#(client)","clinicID":"\#(chain.clinic)","recordedOn":"2026-11-20"}"#
        let taken = #"""
            {"clientID":"\#(client)","clinicID":"\#(chain.clinic)","method":"cash",
             "amount":\#(euro),"collectedOn":"2026-11-20"}
            """#
        let method = #"{"kind":"card","label":"X","journal":"BQ","account":"512000"}"#
        let rules = #"{"cashCeiling":\#(euro),"onlineAcceptance":"automatic"}"#
        return [
            Attempt("collectPayment", .post, "/v1/collections", taken),
            Attempt("listDebts", .get, "/v1/clients/\(client)/debts"),
            Attempt("applyCredit", .post, "\(payments)/allocations", #"{"on":"2026-11-21"}"#),
            Attempt(
                "reversePaymentOnAccount", .post, "\(payments)/reversal", #"{"on":"2026-11-21","reason":"bounced"}"#),
            Attempt("listWaitingPayments", .get, "/v1/waiting-payments", nil, .nothing),
            Attempt("acceptWaitingPayment", .post, "/v1/waiting-payments/\(payment)/acceptance"),
            Attempt("recordReceivable", .post, "/v1/receivables", "\(owed)"),
            Attempt("listReceivables", .get, "/v1/receivables", nil, .nothing),
            Attempt("getReceivable", .get, "/v1/receivables/\(receivable)"),
            Attempt("getReceivableRecipient", .get, "/v1/receivables/\(receivable)/recipient", as: .service),
            Attempt("correctReceivable", .put, "/v1/receivables/\(receivable)", terms),
            Attempt("listPaymentMethods", .get, "/v1/payment-methods", nil, .own),
            Attempt("addPaymentMethod", .post, "/v1/payment-methods", #"{"code":"own",\#(method.dropFirst())"#, .own),
            Attempt("changePaymentMethod", .put, "/v1/payment-methods/gold", method),
            Attempt("getCollectingRules", .get, "/v1/collecting-rules", nil, .own),
            Attempt("putCollectingRules", .put, "/v1/collecting-rules", rules, .own, seen: 0),
            Attempt(
                "settleDebts", .post, "/v1/clients/\(client)/settlements",
                #"{"from":"2026-01-01","to":"2026-12-31","reason":"X","on":"2026-11-21"}"#),
            Attempt("listSettlements", .get, "/v1/clients/\(client)/settlements"),
            Attempt("getSettlement", .get, "/v1/settlements/\(settlement)"),
            Attempt("undoSettlement", .post, "/v1/settlements/\(settlement)/undo", #"{"on":"2026-11-21"}"#),
            Attempt("archivePaymentOnAccount", .post, "\(payments)/archive", #"{"on":"2026-11-21"}"#),
            Attempt("restorePaymentOnAccount", .post, "\(payments)/restore"),
            Attempt(
                "addContact", .post, "/v1/clients/\(client)/contacts",
                #"{"lastName":"X","firstName":"Y","email":"x@example.org"}"#),
            Attempt("listContacts", .get, "/v1/clients/\(client)/contacts"),
            Attempt(
                "changeContact", .put, "/v1/clients/\(client)/contacts/\(receivable)",
                #"{"lastName":"X","firstName":"Y","email":"x@example.org"}"#),
            Attempt("removeContact", .delete, "/v1/clients/\(client)/contacts/\(receivable)"),
            Attempt("listOnlineOffers", .get, "/v1/invoices/\(receivable)/online-offers"),
            Attempt("listAudit", .get, "/v1/audit?subject=\(client)", nil, .nothing),
        ] + owedAttempts(client: client)
    }

    private func owedAttempts(client: ClientID) -> [Attempt] {
        [
            Attempt("listOverdue", .get, "/v1/overdue?on=2099-01-01", nil, .nothing),
            Attempt("getAgeing", .get, "/v1/ageing?on=2099-01-01", nil, .nothing),
            Attempt("getOverdueSheet", .get, "/v1/overdue/csv?on=2099-01-01", nil, .own),
            Attempt("getAgeingSheet", .get, "/v1/ageing/csv?on=2099-01-01", nil, .own),
            Attempt("getReceivablesSheet", .get, "/v1/receivables/csv", nil, .own),
            Attempt("getPaymentsOnAccountSheet", .get, "/v1/payments-on-account/csv", nil, .own),
            Attempt("getDunningLevels", .get, "/v1/dunning-levels", nil, .own),
            Attempt("putDunningLevels", .put, "/v1/dunning-levels", #"{"levels":[]}"#, .own, seen: 0),
            Attempt("pauseDunning", .put, "/v1/clients/\(client)/dunning-pause", "{}"),
            Attempt("getAccount", .get, "/v1/clients/\(client)/account"),
        ]
    }

    private func seen(_ chain: Chain) async throws -> [JSONValue] {
        var answers: [JSONValue] = []
        let paths = [
            "organisation", "clinics", "clients?phone=%2B33612345678", "invoices", "payments-on-account", "receivables",
            "quotes", "payment-methods", "collecting-rules", "dunning-levels",
        ]
        for path in paths {
            answers.append(try await chain.call(.get, "/v1/\(path)").json)
        }
        return answers
    }

    private func count(_ sql: SQL, as organisation: String, _ chain: Chain) async throws -> Int64 {
        let options = TransactionOptions.readOnly.setting("quittance.organisation", to: organisation)
        return try await chain.bench.database.pool.transaction(options) { transaction in
            try transaction.one(sql) { row in try row("count") as Int64 }
        }
    }
}
