import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ReconciliationService
import ServiceRuntime
import Testing
import TransactionalMessaging

extension `The books` {
    @Suite struct `Who reads the books` {
        /// Books with something in every table that routes show.
        private func written() async throws -> (books: Books, payout: String) {
            let books = try Books()
            var payment = PaymentFacts("payment_one", 9_000)
            payment.clinic = Books.newID()
            try await books.tell(payment)
            let stray = PaymentFacts("payment_stray", 5_000).line("payout_abc1")
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), stray]).text)
            let entry = StatementEntry(reference: "BK1", amount: 100, text: "VIR")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            _ = try await books.put("/v1/bank-accounts/FR7630004000031234567890143", #"{"currency":"EUR"}"#)
            return (books, try await books.payout("payout_abc1")["id"]?.text ?? "")
        }

        @Test func `GEN-1 nothing of another organisation exists, on any route`() async throws {
            let (books, payout) = try await written()
            let stranger = try Books()
            let line = try await books.bankLine("BK1")
            let clinic: ClinicID = Books.newID()
            _ = try await books.put("/v1/clinics/\(clinic)", #"{"timeZone":"Indian/Reunion"}"#)
            let till: ClinicID = Books.newID()
            let slip = try await books.fillTill(till)
            var asked = AskedOperations()
            try await tryTogether(line, payout, of: books, as: stranger, &asked)
            try await tryTaxes(of: books, as: stranger, &asked)
            let journal = try await books.journal()
            for (operation, path) in [
                ("listPayouts", "/v1/payouts"), ("listDiscrepancies", "/v1/discrepancies"),
                ("listBalances", "/v1/balances"), ("listBankAccounts", "/v1/bank-accounts"),
                ("listBankLines", "/v1/bank-lines"), ("listFileImports", "/v1/file-imports"),
                ("listFees", "/v1/fees?from=2020-01-01&to=2099-12-31"),
                ("listExpectedPayouts", "/v1/expected-payouts?from=2020-01-01&to=2199-12-31"),
            ] {
                #expect(try await !books.list(path).isEmpty, "\(operation)")
                let answer = try await stranger.get(path)
                asked.expect(operation, answer.status == 200 && answer.json["items"]?.elements == [], answer.text)
            }
            let export = try await stranger.get("/v1/fees/export?from=2020-01-01&to=2099-12-31")
            asked.expect("exportFees", export.text.split(separator: "\r\n").count == 1, export.text)
            let explanation = try await stranger.get("/v1/payouts/\(payout)/explanation")
            asked.expect("explainPayout", explanation.status == 404, explanation.text)
            let pointed = try await stranger.post("/v1/payouts/\(payout)/point", #"{"bankLineID":"\#(line)"}"#)
            asked.expect("pointPayout", pointed.status == 404, pointed.text)
            let undone = try await stranger.post("/v1/payouts/\(payout)/unpoint")
            asked.expect("unpointPayout", undone.status == 404, undone.text)
            try await tryDiscrepancies(of: books, as: stranger, &asked)
            try await tryTrailsAndFiles(of: books, payout, as: stranger, &asked)
            try await tryAccounts(of: books, as: stranger, &asked)
            try await tryTill(slip, at: till, of: books, as: stranger, &asked)
            let moved = try await stranger.put("/v1/clinics/\(clinic)", #"{"timeZone":"Europe/Paris"}"#)
            asked.expect("putClinic", moved.status == 200, moved.text)
            #expect(try await books.zone(of: clinic) == "Indian/Reunion")
            let account = try await stranger.put(
                "/v1/bank-accounts/FR7630004000031234567890143", #"{"currency":"CHF"}"#)
            asked.expect("putBankAccount", account.status == 200, account.text)
            #expect(try await books.list("/v1/bank-accounts").first?["currency"]?.text == "EUR")

            // The same files are the stranger's own to import, and find nothing of the other's.
            let report = ReportFile([PaymentFacts("payment_one", 9_000).line("payout_abc1")]).text
            let imported = try await stranger.importReport(report)
            asked.expect("importSettlementReport", imported.json["linesNew"]?.integer == 1, imported.text)
            #expect(try await stranger.discrepancies().first?.hasPrefix("unknown-payment") == true)
            let statement = try await Books().importStatement(
                StatementFile(id: "S1", entries: [StatementEntry(reference: "BK1", amount: 100, text: "VIR")]).text)
            asked.expect("importBankStatement", statement.json["linesNew"]?.integer == 1, statement.text)
            #expect(try await books.journal() == journal)
            #expect(asked.names == Set(books.bench.assembly.routes.map(\.operation)))
        }

        private func tryDiscrepancies(
            of books: Books, as stranger: Books, _ asked: inout AskedOperations
        ) async throws {
            let discrepancy = try await books.list("/v1/discrepancies").first?["id"]?.text ?? ""
            let path = "/v1/discrepancies/\(discrepancy)"
            let read = try await stranger.get(path)
            asked.expect("getDiscrepancy", read.status == 404, read.text)
            let assigned = try await stranger.put("\(path)/owner", #"{"owner":"me"}"#)
            asked.expect("assignDiscrepancy", assigned.status == 404, assigned.text)
            let commented = try await stranger.post("\(path)/comments", #"{"text":"mine"}"#)
            asked.expect("commentDiscrepancy", commented.status == 404, commented.text)
            let closed = try await stranger.post("\(path)/close", #"{"reason":"mine"}"#)
            asked.expect("closeDiscrepancy", closed.status == 404, closed.text)
        }

        private func tryTogether(
            _ line: String, _ payout: String, of books: Books, as stranger: Books, _ asked: inout AskedOperations
        ) async throws {
            let other = PaymentFacts("payment_two", 5_000)
            _ = try await books.importReport(ReportFile([other.line("payout_abc2")]).text)
            let second = try await books.payout("payout_abc2")["id"]?.text ?? ""
            let wish = """
                {"payoutIDs":["\(payout)","\(second)"],"bankLineIDs":["\(line)"],
                 "difference":{"account":"471000","reason":"x"}}
                """
            let refused = try await stranger.post("/v1/joint-pointings", wish)
            asked.expect("pointTogether", refused.status == 404, refused.text)
            let made = try await books.post("/v1/joint-pointings", wish)
            #expect(made.status == 201, "\(made.text)")
            let path = "/v1/joint-pointings/\(made.json["id"]?.text ?? "")"
            let read = try await stranger.get(path)
            asked.expect("getJointPointing", read.status == 404, read.text)
            let proposed = try await stranger.get("/v1/joint-pointing-proposals")
            asked.expect("proposeJointPointings", proposed.json["items"]?.elements == [], proposed.text)
            let undone = try await stranger.post("\(path)/undo")
            asked.expect("undoJointPointing", undone.status == 404, undone.text)
            #expect(try await books.post("\(path)/undo").status == 200)
            let account: ProviderAccountID = Books.newID()
            try await books.tell(
                ProviderAccountConnectedV1(providerAccountID: account, provider: .stripe), about: account)
            #expect(try await books.list("/v1/payout-sources").count == 1)
            let sources = try await stranger.get("/v1/payout-sources")
            asked.expect("listPayoutSources", sources.json["items"]?.elements == [], sources.text)
            let fetched = try await stranger.post("/v1/payout-sources/\(account)/fetch")
            asked.expect("fetchPayouts", fetched.status == 404, fetched.text)
            let report = try await stranger.post("/v1/payout-sources/\(account)/reports", #"{"payout":"payout_abc1"}"#)
            asked.expect("fetchReport", report.status == 404, report.text)
        }

        private func tryTaxes(of books: Books, as stranger: Books, _ asked: inout AskedOperations) async throws {
            let exempt = #"{"provider":"stripe","treatment":"exempt","rate":2000}"#
            let put = try await stranger.put("/v1/accounting/fee-taxes", exempt)
            asked.expect("putFeeTax", put.status == 200, put.text)
            let taxes = try await books.list("/v1/accounting/fee-taxes")
            asked.expect("listFeeTaxes", taxes[1]["treatment"]?.text == "reverse-charge", "\(taxes)")
            let received = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 300), method: "card",
                allocations: [.init(invoiceID: Books.newID(), amount: .euros(cents: 300))], unallocated: .zero(.eur))
            try await books.tell(received, about: received.paymentOnAccountID)
            let path = "/v1/accounting/vat-receipts?from=2020-01-01&to=2099-12-31"
            #expect(try await books.list(path).count == 1)
            let receipts = try await stranger.get(path)
            asked.expect("listVATReceipts", receipts.json["items"]?.elements == [], receipts.text)
        }

        private func tryTrailsAndFiles(
            of books: Books, _ payout: String, as stranger: Books, _ asked: inout AskedOperations
        ) async throws {
            let trail = try await stranger.get("/v1/explain/payouts/\(payout)")
            asked.expect("explainPayoutTrail", trail.status == 404, trail.text)
            let invoice: InvoiceID = Books.newID()
            let unknown = try await stranger.get("/v1/explain/invoices/\(invoice)")
            asked.expect("explainInvoiceTrail", unknown.status == 404, unknown.text)
            let mapped = try await stranger.put("/v1/csv-mappings/bank", BankFiles.mapping)
            asked.expect("putCSVMapping", mapped.status == 200, mapped.text)
            #expect(try await books.list("/v1/csv-mappings").isEmpty)
            let mappings = try await Books().get("/v1/csv-mappings")
            asked.expect("listCSVMappings", mappings.json["items"]?.elements == [], mappings.text)
            let names = #"{"lineColumn":"a","kindColumn":"b","paymentColumn":"c","amountColumn":"d","feeColumn":"e","#
            let columns = try await Books().put("/v1/report-columns/alma", names + #""netColumn":"f"}"#)
            asked.expect("putAlmaReportColumns", columns.status == 200, columns.text)
            let usual = try await books.get("/v1/report-columns/alma")
            asked.expect("getAlmaReportColumns", usual.json["netColumn"]?.text == "net_amount", usual.text)
            let word = try await Books().put("/v1/providers-word", #"{"isTaken":true}"#)
            asked.expect("putProvidersWord", word.json["isTaken"] == .bool(true), word.text)
            let untaken = try await books.get("/v1/providers-word")
            asked.expect("getProvidersWord", untaken.json["isTaken"] == .bool(false), untaken.text)
            let grid = try await stranger.get("/v1/exports/grids/entries?from=2020-01-01&to=2099-12-31")
            asked.expect("exportGrid", grid.text.split(separator: "\r\n").count == 1, grid.text)
            let schema = try await stranger.get("/v1/exports/schema")
            asked.expect("getGridSchema", schema.status == 200, schema.text)
        }

        private func tryTill(
            _ made: InProcessClient.Answer, at clinic: ClinicID, of books: Books, as stranger: Books,
            _ asked: inout AskedOperations
        ) async throws {
            let waiting = try await books.waiting(clinic)
            #expect(!waiting.isEmpty && made.status == 201, "\(made.text)")
            let period = "from=2020-01-01&to=2099-12-31"
            for (operation, path) in [
                ("listTakings", "/v1/takings?clinicID=\(clinic)"), ("listRemittances", "/v1/remittances"),
                ("listCashUps", "/v1/cash-ups?clinicID=\(clinic)&\(period)"),
            ] {
                #expect(try await !books.list(path).isEmpty, "\(operation)")
                let answer = try await stranger.get(path)
                asked.expect(operation, answer.status == 200 && answer.json["items"]?.elements == [], answer.text)
            }
            let path = "/v1/remittances/\(made.json["remittance"]?["id"]?.text ?? "")"
            let read = try await stranger.get(path)
            asked.expect("getRemittance", read.status == 404, read.text)
            let line = #"{"bankLineID":"\#(try await books.bankLine("BK1"))"}"#
            for (operation, act, body) in [
                ("pointRemittance", "point", line), ("unpointRemittance", "unpoint", "{}"),
                ("cancelRemittance", "cancel", #"{"reason":"mine"}"#),
            ] {
                let answer = try await stranger.post("\(path)/\(act)", body)
                asked.expect(operation, answer.status == 404, answer.text)
            }
            let remitted = try await stranger.remit(waiting, at: clinic, "BORD-9")
            asked.expect("makeRemittance", remitted.status == 422, remitted.text)
            let refreshed = try await books.post("/v1/statistics/refresh")
            #expect(refreshed.status == 200, "\(refreshed.text)")
            let summed = try await stranger.post("/v1/statistics/refresh")
            asked.expect("refreshStatistics", summed.status == 200, summed.text)
            for (operation, path) in [
                ("listStatistics", "/v1/statistics?\(period)"), ("listBaskets", "/v1/statistics/baskets?\(period)"),
            ] {
                #expect(try await !books.list(path).isEmpty, "\(operation)")
                let answer = try await stranger.get(path)
                asked.expect(operation, answer.status == 200 && answer.json["items"]?.elements == [], answer.text)
            }
            let written = try await stranger.put("/v1/matching-rules", #"{"rules":[{"name":"x","words":["VIR"]}]}"#)
            asked.expect("putMatchingRules", written.status == 200, written.text)
            let rules = try await books.get("/v1/matching-rules")
            asked.expect("listMatchingRules", rules.json["items"]?.elements == [], rules.text)
            let tried = try await stranger.post("/v1/matching-rules/dry-run")
            asked.expect("tryMatchingRules", tried.json["payoutsLeft"]?.integer == 0, tried.text)
            let counted = try await stranger.count([], at: clinic)
            asked.expect("closeTill", counted.json["lines"]?.elements == [], counted.text)
        }

        private func tryAccounts(
            of books: Books, as stranger: Books, _ asked: inout AskedOperations
        ) async throws {
            let period = "from=2020-01-01&to=2099-12-31"
            #expect(try await !books.list("/v1/accounting/entries?\(period)").isEmpty)
            #expect(try await !books.list("/v1/accounting/sums?\(period)").isEmpty)
            for (operation, path) in [
                ("listEntries", "/v1/accounting/entries?\(period)"), ("sumAccounts", "/v1/accounting/sums?\(period)"),
                ("listPeriods", "/v1/accounting/periods"), ("listHeldDifferences", "/v1/held-differences"),
                ("listClearings", "/v1/held-differences/clearings"),
            ] {
                let answer = try await stranger.get(path)
                asked.expect(operation, answer.status == 200 && answer.json["items"]?.elements == [], answer.text)
            }
            let chart = #"{"siren":"732829320","accounts":[],"journals":[]}"#
            let put = try await stranger.put("/v1/accounting/chart", chart)
            asked.expect("putChart", put.status == 200, put.text)
            let seen = try await books.get("/v1/accounting/chart")
            asked.expect("getChart", seen.json["siren"]?.text == nil, seen.text)
            let closed = try await stranger.post("/v1/accounting/periods", #"{"through":"2025-12-31"}"#)
            asked.expect("closePeriod", closed.json["entries"]?.integer == 0, closed.text)
            #expect(try await books.list("/v1/accounting/periods").isEmpty)
            let file = try await stranger.get("/v1/accounting/fec?year=2025")
            asked.expect(
                "exportFEC", file.status == 409 && file.text.contains("No entry was booked"), file.text)
            let opened = try await stranger.post(
                "/v1/accounting/periods/reopen", #"{"reason":"x"}"#, role: .manager)
            asked.expect("reopenPeriod", opened.status == 200, opened.text)
            let path = "/v1/held-differences/clearings"
            let wish = #"{"kind":"payout","id":"\#(PayoutID(1))","account":"658000","reason":"mine"}"#
            let cleared = try await stranger.post(path, wish, role: .manager)
            asked.expect("clearHeldDifference", cleared.status == 404, cleared.text)
            let undone = try await stranger.post("\(path)/\(PayoutID(1))/undo", #"{"reason":"x"}"#, role: .manager)
            asked.expect("undoClearing", undone.status == 404, undone.text)
        }

        @Test func `GEN-1 a clinic that events tell of as another organisation's is not there to be named`()
            async throws
        {
            let (books, stranger) = (try Books(), try Books())
            let zone = #"{"timeZone":"Indian/Reunion"}"#
            var payment = PaymentFacts("payment_one", 9_000)
            let (paying, invoicing, unknown): (ClinicID, ClinicID, ClinicID) = (
                Books.newID(), Books.newID(), Books.newID()
            )
            payment.clinic = paying
            try await books.tell(payment)
            let invoice: InvoiceID = Books.newID()
            let issued = InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-1", issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 9_000), vat: [])
            try await books.tell(issued, about: invoice, clinic: invoicing)
            for clinic in [paying, invoicing] {
                let refused = try await stranger.put("/v1/clinics/\(clinic)", zone)
                #expect(refused.status == 404 && refused.problem == "not-found", "\(refused.text)")
                #expect(refused.json["remedy"]?.text?.isEmpty == false)
                #expect(try await stranger.zone(of: clinic) == nil)
                #expect(try await books.put("/v1/clinics/\(clinic)", zone).status == 200)
            }
            // Nobody knows yet whose it is: before its first invoice or payment its own organisation names it.
            #expect(try await books.put("/v1/clinics/\(unknown)", zone).status == 200)
        }

        @Test func `GEN-1 a bank line of another organisation cannot be pointed to`() async throws {
            let (books, payout) = try await written()
            let stranger = try Books()
            let entry = StatementEntry(reference: "ST1", amount: 100, text: "VIR")
            _ = try await stranger.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let line = try await stranger.bankLine("ST1")
            let answer = try await books.post("/v1/payouts/\(payout)/point", #"{"bankLineID":"\#(line)"}"#)
            #expect(answer.status == 404, "\(answer.text)")
        }

        @Test func `GEN-1 the database shows the service's role only the organisation it works for`() async throws {
            let (books, _) = try await written()
            let fenced = try await books.bench.superuser.query(
                """
                SELECT relname, relrowsecurity AND relforcerowsecurity AS is_fenced FROM pg_class
                JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'organisation'
                WHERE relnamespace = 'reconciliation'::regnamespace AND relkind = 'r'
                    AND relname NOT IN ('cause', 'dead_letter')
                """
            ) { row in (try row("relname") as String, try row("is_fenced") as Bool) }
            #expect(fenced.filter { !$0.1 }.map(\.0) == [])
            #expect(fenced.count >= 14)
            let shown = ["expectation", "payout", "settlement_line", "bank_line", "ledger_line", "discrepancy"]
            for table in shown {
                #expect(try await books.rows(table, for: books.organisation.description) > 0, "\(table)")
                #expect(try await books.rows(table, for: "\(OrganisationID(0xB))") == 0, "\(table)")
                #expect(try await books.rows(table, for: "") == 0, "\(table)")
            }
        }

        @Test func `GEN-1 the service's role cannot write a row of another organisation`() async throws {
            let books = try Books()
            let id: PaymentID = Books.newID()
            let refusal = await books.refusal([
                """
                INSERT INTO bank_account (organisation, iban, currency)
                VALUES (\(OrganisationID(0xB)), 'X', 'EUR')
                """
            ])
            #expect(refusal?.contains("row-level security") == true, "\(refusal ?? "it was done") \(id)")
        }

        @Test(arguments: ["invoicing", "payments", "notification"])
        func `OPS-3 the role of another service reaches no table of the books`(role: String) async throws {
            let books = try Books()
            for statement in [
                "SELECT count(*) FROM reconciliation.ledger_line", "DELETE FROM reconciliation.ledger_entry",
                "CREATE TABLE reconciliation.mine (a int)", "SET ROLE reconciliation",
            ] {
                let refusal = await books.refusal([SQL(unescaped: statement)], as: role)
                #expect(refusal?.contains("permission denied") == true, "\(refusal ?? "\(statement) was done")")
            }
        }

        @Test func `GEN-2 roles and scopes that are not named are turned away`() async throws {
            let (books, _) = try await written()
            let atClinics: Set = ["listTakings", "listCashUps", "closeTill"]
            for route in books.bench.assembly.routes where !atClinics.contains(route.operation) {
                let path = route.path.replacing("{payoutID}", with: "\(PayoutID(1))")
                    .replacing("{clinicID}", with: "\(ClinicID(1))")
                    .replacing("{name}", with: "x").replacing("{invoiceID}", with: "\(InvoiceID(1))").replacing(
                        "{grid}", with: "fees"
                    )
                    .replacing("{discrepancyID}", with: "\(DiscrepancyID(1))").replacing("{iban}", with: "X")
                    .replacing("{remittanceID}", with: "\(PayoutID(1))")
                    .replacing("{jointPointingID}", with: "\(PayoutID(1))")
                    .replacing("{accountID}", with: "\(PayoutID(1))").replacing("{clearingID}", with: "\(PayoutID(1))")
                let json = route.method == .get ? nil : "{}"
                let till = books.principal(role: .frontDesk)
                let answer = try await books.bench.http.call(
                    route.method, path, as: till, json: json, key: Books.newKey())
                #expect(answer.status == 403, "\(route.operation)")
                let elsewhere = books.principal(role: .manager, clinics: .some([ClinicID(9)]))
                let partial = try await books.bench.http.call(
                    route.method, path, as: elsewhere, json: json, key: Books.newKey())
                #expect(partial.status == 403 && partial.problem == "clinic-not-allowed", "\(route.operation)")
                let nobody = try await books.bench.http.call(route.method, path, json: json, key: Books.newKey())
                #expect(nobody.status == 401, "\(route.operation)")
            }
        }

        @Test func `describes exactly the routes it serves`() throws {
            let assembly = try #require(BooksBench.shared).assembly
            #expect(try OpenAPICheck(assembly.openAPI, assembly.routes).differences() == [])
            #expect(!assembly.openAPI.contains("\"Done.\""), "each answer says what it has")
        }
    }
}

extension Books {
    /// What the books know of a clinic's days.
    func zone(of clinic: ClinicID) async throws -> String? {
        try await bench.superuser.query(
            "SELECT time_zone FROM clinic WHERE id = \(clinic) AND organisation = \(organisation)"
        ) { row in try row("time_zone") as String }.first
    }

    /// How many rows the service's role sees when it works for an organisation.
    func rows(_ table: String, for organisation: String) async throws -> Int {
        let options = TransactionOptions.readOnly.setting("quittance.organisation", to: organisation)
        return try await bench.database.pool.transaction(options) { transaction in
            try transaction.one("SELECT count(*) AS count FROM \(unescaped: table)") { row in try row("count") }
        }
    }
}
