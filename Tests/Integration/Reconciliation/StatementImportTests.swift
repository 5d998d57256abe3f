import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    @Suite struct `A bank statement` {
        private let transfer = StatementEntry(reference: "BK1", amount: 8_612, text: "ALMA payout_abc1")
        private let fees = StatementEntry(reference: "BK2", amount: -990, text: "FRAIS")

        /// Written by the rules of each version: how banks, parties and states are named is different.
        @Test(arguments: ["02", "03", "04", "05", "06", "07", "08"])
        func `REC-4 every version of CAMT.053 brings the same movements`(version: String) async throws {
            let folder = "\(ExternalProcess.repository)Tests/Integration/Reconciliation/Statements"
            func file(_ version: String) throws -> String {
                try String(contentsOfFile: "\(folder)/camt.053.001.\(version).xml", encoding: .utf8)
            }
            let books = try Books()
            let answer = try await books.importStatement(file(version))
            #expect(answer.status == 201 && answer.json["linesNew"]?.integer == 4, "\(answer.text)")
            let found = try await books.list("/v1/bank-lines").map { line in
                "\(line["reference"]?.text ?? "") \(line["amount"]?["minorUnits"]?.integer ?? 0) "
                    + "\(line["bookedOn"]?.text ?? "") \(line["text"]?.text ?? "")"
            }.sorted()
            #expect(
                found == [
                    "2026112100001 8612 2026-11-21 payout_abc1 ALMA SAS ALMA VIREMENT payout_abc1",
                    "2026112100002 -490 2026-11-21 FRAIS DE TENUE DE COMPTE",
                    "2026112100003 15000 2026-11-21 DUPONT FACTURE F-1 E2E-2 MARTIN FACTURE F-2",
                    "2026112100005 -2000 2026-11-21 SALAIRE-11 LEROY ACOMPTE",
                ])
            let again = try await books.importStatement(file(version == "08" ? "02" : "08"))
            #expect(again.json["linesNew"]?.integer == 0, "a bank that moves to another version brings nothing twice")
        }

        @Test func `REC-4 imported twice changes nothing, by a retry as by a second upload`() async throws {
            let books = try Books()
            let file = StatementFile(id: "S1", entries: [transfer, fees]).text
            let first = try await books.importStatement(file, key: "monday")
            let retried = try await books.importStatement(file, key: "monday")
            #expect(first.status == 201 && first.text == retried.text)
            #expect(first.json["linesNew"]?.integer == 2 && first.json["documents"]?.integer == 1)
            let again = try await books.importStatement(file)
            #expect(again.json["linesNew"]?.integer == 0 && again.json["linesKnown"]?.integer == 2)
            #expect(try await books.count("bank_line") == 2)
            let other = try await books.importStatement(StatementFile(id: "S2", entries: [fees]).text, key: "monday")
            #expect(other.status == 422 && other.problem == "idempotency-key-reused")
        }

        @Test func `REC-4 that overlaps another brings each movement once`() async throws {
            let books = try Books()
            let later = StatementEntry(reference: "BK3", amount: 100, text: "REMISE", day: Books.day.adding(days: 2))
            for file in [
                StatementFile(id: "S1", entries: [transfer, fees]),
                StatementFile(id: "S2", opening: 108_612, entries: [fees, later]),
                StatementFile(id: "S3", entries: [transfer, fees, later]),
            ] { #expect(try await books.importStatement(file.text).status == 201) }
            #expect(try await books.count("bank_statement") == 3)
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 keeps apart movements that share a reference or have only their place`() async throws {
            let books = try Books()
            let parts = [transfer, transfer]
            #expect(try await books.importStatement(StatementFile(id: "S1", entries: parts).text).status == 201)
            #expect(try await books.count("bank_line") == 2)
            #expect(try await books.importStatement(StatementFile(id: "S2", entries: parts).text).status == 201)
            #expect(try await books.count("bank_line") == 2, "both are known from the first statement")
            for (id, cents) in [("S3", 700), ("S4", 800)] as [(String, Int64)] {
                let placed = StatementEntry(amount: cents, text: "VIR", place: "1")
                #expect(try await books.importStatement(StatementFile(id: id, entries: [placed]).text).status == 201)
            }
            #expect(try await books.count("bank_line") == 4, "the first movement of every statement is \"1\"")
        }

        @Test(arguments: ["NONREF", "NOTPROVIDED"])
        func `REC-4 that says it has no reference is told by day, amount and text, and brings nothing twice`(
            word: String
        ) async throws {
            let books = try Books()
            func entry(_ amount: Int64, _ text: String, place: String? = nil) -> StatementEntry {
                StatementEntry(reference: word, amount: amount, text: text, place: place)
            }
            let (one, other, placed) = (entry(700, "VIR A"), entry(700, "VIR B"), entry(-300, "FRAIS", place: "7"))
            for (id, entries, new) in [
                ("S1", [one, one], 2), ("S2", [other, placed], 2), ("S3", [one, one, other, placed], 0),
            ] {
                let answer = try await books.importStatement(StatementFile(id: id, entries: entries).text)
                #expect(answer.status == 201 && answer.json["linesNew"]?.integer == Int64(new), "\(answer.text)")
            }
            let found = try await books.list("/v1/bank-lines").compactMap { $0["reference"]?.text }
            #expect(found.count == 4 && Set(found).count == 4 && !found.contains { $0.contains(word) }, "\(found)")
        }

        @Test(arguments: ["PDNG", "INFO", "FUTR"])
        func `REC-4 what is not booked yet is no movement, and not in the balances`(status: String) async throws {
            let books = try Books()
            var announced = StatementEntry(reference: "BK9", amount: 5_000, text: "VIR")
            announced.status = status
            var file = StatementFile(id: "S1", entries: [transfer, announced])
            file.closing = file.opening + transfer.amount
            let answer = try await books.importStatement(file.text)
            #expect(answer.status == 201 && answer.json["linesNew"]?.integer == 1, "\(answer.text)")
        }

        @Test func `REC-4 that does not add up is refused with the line and the reason`() async throws {
            let books = try Books()
            let file = StatementFile(id: "S1", entries: [transfer, fees], closing: 108_612)
            let answer = try await books.importStatement(file.text)
            #expect(answer.status == 422 && answer.problem == "unreadable-file")
            let error = answer.json["errors"]?.elements?.first
            #expect(error?["pointer"]?.text == "Stmt[1]" && answer.text.contains("Stmt[1], line 10: "))
            #expect(
                error?["reason"]?.text
                    == "Opening balance and movements give 1076.22 EUR, the closing balance is 1086.12 EUR.")
            try await expectNothing(books)
        }

        @Test(arguments: [
            ("<Amt Ccy=\"EUR\">86.12</Amt>", "<Amt Ccy=\"EUR\">86.125</Amt>", "line 8", "is not an amount"),
            ("<Amt Ccy=\"EUR\">86.12</Amt>", "<Amt Ccy=\"EUR\">8e1</Amt>", "line 8", "is not an amount"),
            ("<Amt Ccy=\"EUR\">86.12</Amt>", "<Amt Ccy=\"QQQ\">86.12</Amt>", "line 8", "currency \"QQQ\" is not known"),
            ("<Amt Ccy=\"EUR\">86.12</Amt>", "<Amt Ccy=\"USD\">86.12</Amt>", "line 8", "It is in USD"),
            ("<Dt>2026-11-21</Dt>", "<Dt>2026-02-30</Dt>", "line 8", "is not a day"),
            ("<AcctSvcrRef>BK1</AcctSvcrRef>", "", "line 8", "no reference of the bank"),
            ("<Id>S1</Id>", "", "line 9", "lacks its account, its id"),
            ("</Document>", "", "line 9", "ends or breaks here"),
            ("<Ntry>", "<Ntry><Ntry>", "line 9", "ends or breaks here"),
            ("<TxDtls>", "<TxDtls><Foo>", "line 8", "ends or breaks here"),
            ("</Document>", "</Document><Document/>", "line 9", "ends or breaks here"),
            ("<Ustrd>", "<Ustrd>&nbsp;", "line 8", "ends or breaks here"),
            ("BkToCstmrStmt", "BkToCstmrAcctRpt", "", ""),
        ])
        func `REC-4 that is broken is refused whole`(
            good: String, bad: String, pointer: String, reason: String
        ) async throws {
            let books = try Books()
            let file = StatementFile(id: "S1", entries: [transfer]).text
            guard !reason.isEmpty else {
                let report = file.replacing("<Stmt>", with: "<Rpt>").replacing("</Stmt>", with: "</Rpt>")
                #expect(try await books.importStatement(report).status == 422)
                return try await expectNothing(books)
            }
            let answer = try await books.importStatement(file.replacing(good, with: bad))
            #expect(answer.status == 422 && answer.problem == "unreadable-file")
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.text.lowercased().contains("\(pointer): "), "\(answer.text)")
            #expect(error?["reason"]?.text?.contains(reason) == true, "\(answer.text)")
            try await expectNothing(books)
        }

        @Test(arguments: [
            """
            <!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c \
            "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
            """,
            #"<!DOCTYPE d [<!ENTITY file SYSTEM "file:///etc/passwd">]>"#,
            #"<!doctype d SYSTEM "http://127.0.0.1:1/evil.dtd">"#, "<!DOCTYPE d>",
        ])
        func `REC-4 with a document type, an XML bomb or an outside entity is refused unread`(
            prolog: String
        ) async throws {
            let books = try Books()
            let entry = StatementEntry(reference: "BK1", amount: 1, text: "&c;&file;")
            let file = StatementFile(id: "S1", entries: [entry], prolog: prolog + "\n")
            let answer = try await books.importStatement(file.text)
            #expect(answer.status == 422 && answer.problem == "unreadable-file")
            #expect(answer.text.contains("document type or entities") && !answer.text.contains("root:"))
            try await expectNothing(books)
        }

        @Test(arguments: ["UTF-7", "UTF-16", "IBM037"])
        func `REC-4 in an encoding that could hide a document type is refused`(encoding: String) async throws {
            let books = try Books()
            let text = StatementFile(id: "S1", entries: [transfer]).text.replacing("UTF-8", with: encoding)
            let answer = try await books.importStatement(text)
            #expect(answer.status == 422 && answer.text.contains("encoding"), "\(answer.text)")
            try await expectNothing(books)
        }

        @Test func `REC-4 of an account or in a currency that is not the organisation's is refused`() async throws {
            let books = try Books()
            let own = "FR7630004000031234567890143"
            #expect(try await books.put("/v1/bank-accounts/\(own)", #"{"currency":"EUR"}"#).status == 200)
            #expect(try await books.list("/v1/bank-accounts").first?["iban"]?.text == own)
            let strange = StatementFile(id: "S1", iban: "DE89370400440532013000", entries: [transfer]).text
            let refused = try await books.importStatement(strange)
            #expect(refused.status == 422 && refused.text.contains("is not one of yours"))
            #expect(refused.text.contains("PUT /v1/bank-accounts/{iban}"))
            var franc = transfer
            franc.currency = try #require(Currency("CHF"))
            let file = StatementFile(id: "S1", iban: own, currency: franc.currency, entries: [franc])
            let foreign = try await books.importStatement(file.text)
            #expect(foreign.status == 422 && foreign.text.contains("kept in EUR, the statement in CHF"))
            try await expectNothing(books)
            #expect(try await books.importStatement(StatementFile(id: "S1", entries: [transfer]).text).status == 201)
            let mistyped = try await books.put("/v1/bank-accounts/FR7630004000031234567890142", #"{"currency":"EUR"}"#)
            #expect(mistyped.status == 400 && mistyped.text.contains("one character is mistyped"), "\(mistyped.text)")
            let short = try await books.put("/v1/bank-accounts/FR763000400003123456789014", #"{"currency":"EUR"}"#)
            #expect(
                short.status == 400 && short.text.contains("FR has 27 characters, this one has 26"), "\(short.text)")
        }

        @Test(arguments: [
            ("FR7630004000031234567890143", "is not one of yours"),
            ("FR7612345000010000000000101", "The check digits, the two after the country, do not fit the rest"),
            ("12345678", "is not one of yours"),
        ])
        func `REC-2 REC-4 of an account nobody has named as the organisation's points nothing and is not kept`(
            iban: String, reason: String
        ) async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            let file = StatementFile(id: "S1", iban: iban, entries: [entry]).text
            let refused = try await books.importStatement(file, ofStrangers: true)
            #expect(refused.status == 422 && refused.problem == "unreadable-file", "\(refused.text)")
            let error = refused.json["errors"]?.elements?.first
            #expect(error?["pointer"]?.text == "Stmt[1]" && error?["remedy"]?.text?.isEmpty == false)
            #expect(error?["reason"]?.text?.contains(reason) == true, "\(refused.text)")
            try await expectNothing(books)
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            // Another organisation's naming it changes nothing here.
            try await Books().own(iban)
            #expect(try await books.importStatement(file, ofStrangers: true).status == 422)
            guard iban != "FR7612345000010000000000101" else {
                let mistyped = try await books.put("/v1/bank-accounts/\(iban)", #"{"currency":"EUR"}"#)
                return #expect(mistyped.status == 400, "\(mistyped.text)")
            }
            #expect(try await books.put("/v1/bank-accounts/\(iban)", #"{"currency":"EUR"}"#).status == 200)
            let taken = try await books.importStatement(file, ofStrangers: true)
            #expect(taken.status == 201 && taken.json["payoutsPointed"]?.integer == 1, "\(taken.text)")
        }

        @Test func `REC-2 lines kept of an account that was never named point nothing until it is`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            // As an earlier version took it.
            try await books.bench.superuser.execute(
                "DELETE FROM bank_account WHERE organisation = \(books.organisation)")
            let report = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            #expect(report.json["payoutsPointed"]?.integer == 0)
            try await books.own(StatementFile.iban)
            let later = try await books.importReport(ReportFile([PaymentFacts("p2", 100).line("payout_xyz2")]).text)
            #expect(later.json["payoutsPointed"]?.integer == 1)
        }

        @Test func `REC-4 of one line names the movement that is wrong by its element and reference`() async throws {
            let books = try Books()
            let entries = [
                transfer, StatementEntry(amount: 700, text: "VIR", place: "17", isWrong: true),
            ]
            let line = StatementFile(id: "S1", entries: entries).text.replacing("\n", with: "")
            let answer = try await books.importStatement(line)
            #expect(answer.status == 422, "\(answer.text)")
            let error = answer.json["errors"]?.elements?.first
            #expect(error?["pointer"]?.text == "Stmt[1]/Ntry[2] (NtryRef 17)", "\(answer.text)")
            try await expectNothing(books)
        }

        @Test func `REC-4 that contradicts an earlier one is refused and names both`() async throws {
            let books = try Books()
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [transfer]).text)
            let corrected = StatementFile(id: "S1", entries: [transfer, fees]).text
            let balances = try await books.importStatement(corrected)
            #expect(balances.status == 422 && balances.text.contains("was imported before from 1000.00 EUR"))
            var other = transfer
            other.amount = 8_613
            let movement = try await books.importStatement(StatementFile(id: "S2", entries: [other]).text)
            #expect(movement.status == 422 && movement.text.contains("86.13 EUR on 2026-11-21 here and was 86.12 EUR"))
            #expect(
                movement.json["errors"]?.elements?.first?["pointer"]?.text == "Stmt[1]/Ntry[1] (AcctSvcrRef BK1)")
            #expect(try await books.count("bank_line") == 1)
        }

        private func expectNothing(_ books: Books) async throws {
            #expect(try await books.count("bank_statement") == 0)
            #expect(try await books.count("bank_line") == 0)
        }
    }
}
