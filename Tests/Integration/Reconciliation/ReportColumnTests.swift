import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    /// Reports of Alma's whose columns an organisation names, and reports that are all of one payout.
    @Suite struct `A report with columns of its own` {
        private let payment = PaymentFacts("payment_one", 9_000)
        private let named = "&payout=payout_abc1&paidOn=2026-11-20"
        /// As Alma's manual labels them.
        private let labels = """
            {"lineColumn":"Identifiant ligne comptable","paymentColumn":"Identifiant paiement",
             "refundColumn":"Identifiant remboursement","amountColumn":"Montant brut (centimes)",
             "feeColumn":"Frais Alma (centimes)","netColumn":"Montant net (centimes)","amountUnit":"cents"}
            """

        private func labelled(_ rows: [ReportRow]) -> String {
            let header =
                "Créée (Heure Europe/Paris),Montant brut (centimes),Frais Alma (centimes),Montant net (centimes),"
                + "Identifiant ligne comptable,Identifiant paiement,Identifiant remboursement"
            let lines = rows.map { row in
                let refund = row.type == "from_refund" ? "refund_\(row.transaction)" : ""
                return "2026-11-20 10:39:33,\(row.amount),\(row.fee),\(row.trueNet),\(row.transaction),\(row.payment),"
                    + refund
            }
            return ([header] + lines).joined(separator: "\r\n")
        }

        /// The payment and a refund of it, of one payout.
        private func partlyGivenBack() async throws -> (books: Books, rows: [ReportRow]) {
            let books = try Books()
            let refund = RefundFacts(payment: payment, amount: 300)
            try await books.tell(payment)
            try await books.tell(refund)
            return (books, [payment.line("payout_abc1"), refund.line("payout_abc1")])
        }

        @Test func `REC-3 is read by what the organisation calls them, and its lines are those of any other way`()
            async throws
        {
            let (books, rows) = try await partlyGivenBack()
            // The usual names first: what the saved ones read must be the same lines.
            #expect(try await books.importReport(ReportFile([rows[0]]).text).json["linesNew"]?.integer == 1)
            let saved = try await books.put("/v1/report-columns/alma", labels)
            #expect(saved.status == 200 && saved.json["amountUnit"]?.text == "cents", "\(saved.text)")
            let read = try await books.get("/v1/report-columns/alma")
            #expect(read.text == saved.text)
            let imported = try await books.importReport(labelled(rows), query: named)
            #expect(imported.status == 201, "\(imported.text)")
            #expect(imported.json["linesNew"]?.integer == 1 && imported.json["linesKnown"]?.integer == 1)
            #expect(try await books.payout("payout_abc1")["amount"]?["minorUnits"]?.integer == payment.net - 300)
            #expect(try await books.discrepancies() == [])
            let again = try await books.importReport(labelled(rows), query: named)
            #expect(again.status == 201 && again.json["linesNew"]?.integer == 0, "\(again.text)")
            #expect(try await books.count("settlement_line") == 2)
            let usual = try await books.importReport(ReportFile(rows).text)
            #expect(usual.status == 422 && usual.text.contains("The header lacks Identifiant ligne comptable"))
            let others = try Books()
            #expect(try await others.get("/v1/report-columns/alma").json["lineColumn"]?.text == "transaction_id")
        }

        @Test func `REC-3 is read by the labels of Alma's manual until the organisation says otherwise`()
            async throws
        {
            let (books, rows) = try await partlyGivenBack()
            let told = try await books.importReport(labelled(rows), query: named)
            #expect(told.status == 201 && told.json["linesNew"]?.integer == 2, "\(told.text)")
            let usual = try await books.importReport(ReportFile(rows).text)
            #expect(usual.status == 201 && usual.json["linesKnown"]?.integer == 2, "\(usual.text)")
            #expect(try await books.payout("payout_abc1")["amount"]?["minorUnits"]?.integer == payment.net - 300)
            #expect(try await books.discrepancies() == [])
            let neither = try await books.importReport(
                labelled(rows).replacing("Montant net (centimes)", with: "Net"), query: named)
            #expect(neither.status == 422 && neither.text.contains("The header lacks payout_id"), "\(neither.text)")
            let own = labels.replacing("Montant net (centimes)", with: "Net")
            #expect(try await books.put("/v1/report-columns/alma", own).status == 200)
            let other = try await books.importReport(labelled(rows), query: named)
            #expect(other.status == 422 && other.text.contains("The header lacks Net"), "\(other.text)")
        }

        @Test func `REC-3 names its payout itself, or whoever hands it in does, and both alike`() async throws {
            let books = try Books()
            let file = ReportFile([payment.line("payout_abc1")]).text
            let other = try await books.importReport(file, query: "&payout=payout_abc2")
            #expect(other.status == 422 && other.text.contains("payout_abc2 was asked for"), "\(other.text)")
            let stripe = try await books.importReport(file, of: .stripe, query: "&payout=payout_abc1")
            #expect(stripe.status == 422 && stripe.text.contains("Only a report of Alma's"), "\(stripe.text)")
            let dayAlone = try await books.importReport(file, query: "&paidOn=2026-11-20")
            #expect(dayAlone.status == 422 && dayAlone.text.contains("paidOn"), "\(dayAlone.text)")
            #expect(dayAlone.text.contains("the day of a payout, and none is named"), "\(dayAlone.text)")
            _ = try await books.put("/v1/report-columns/alma", labels)
            let text = labelled([payment.line("payout_abc1")])
            let nameless = try await books.importReport(text)
            #expect(nameless.status == 422 && nameless.text.contains("which payout it is of"), "\(nameless.text)")
            let dayless = try await books.importReport(text, query: "&payout=payout_abc1")
            #expect(dayless.status == 422 && dayless.text.contains("when the payout was sent"), "\(dayless.text)")
            let halved = try await books.importReport(text.replacing(",9000,", with: ",9000.5,"), query: named)
            #expect(halved.status == 422 && halved.text.contains("is not an amount"), "a cent has no parts")
            #expect(try await books.count("settlement_line") == 0)
        }

        @Test func `REC-5 that is all of a payout is refused when it lacks what was told before`() async throws {
            let books = try Books()
            let rows = [payment.line("payout_abc1"), PaymentFacts("payment_two", 12_000).line("payout_abc1")]
            #expect(try await books.importReport(ReportFile(rows).text).status == 201)
            let part = ReportFile([rows[0]]).text
            let alone = try await books.importReport(part)
            #expect(alone.json["linesNew"]?.integer == 0, "a part says nothing of the rest")
            let lacking = try await books.importReport(part, query: "&payout=payout_abc1")
            #expect(lacking.status == 422, "\(lacking.text)")
            #expect(lacking.text.contains("with what earlier reports told of it"), "\(lacking.text)")
            let whole = try await books.importReport(ReportFile(rows).text, query: "&payout=payout_abc1")
            #expect(whole.status == 201 && whole.json["linesNew"]?.integer == 0, "\(whole.text)")
            #expect(try await books.count("settlement_line") == 2)
        }

        @Test(arguments: [
            (#""refundColumn":"Identifiant remboursement","#, "", "could not be told from a payment"),
            (#""amountUnit""#, #""payoutColumn":"Virement","amountUnit""#, "has a name and a day"),
            ("Montant net (centimes)", "Montant brut (centimes)", "Two things are in the column"),
            (#""lineColumn":"Identifiant ligne comptable","#, "", "lineColumn"),
        ])
        func `REC-3 cannot be read by columns that lack or mix something`(
            good: String, bad: String, reason: String
        ) async throws {
            let books = try Books()
            let refused = try await books.put("/v1/report-columns/alma", labels.replacing(good, with: bad))
            #expect(refused.status == 422 && refused.text.contains(reason), "\(refused.text)")
            #expect(try await books.get("/v1/report-columns/alma").json["lineColumn"]?.text == "transaction_id")
        }
    }
}
