import HTTPServer
import PaymentModel
import PostgresClient
import Testing

/// Files as banks write them, each with the same three movements of the same account.
enum BankFiles {
    static let iban = "FR7630004000031234567890143"

    /// A transfer of the provider, a direct debit, and a remittance of cards.
    static let ofx1 = """
        OFXHEADER:100
        DATA:OFXSGML
        VERSION:102
        ENCODING:USASCII
        CHARSET:1252

        <OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261123<LANGUAGE>FRA</SONRS>
        </SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STMTRS><CURDEF>EUR
        <BANKACCTFROM><BANKID>30004<BRANCHID>00003<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
        <BANKTRANLIST><DTSTART>20261121<DTEND>20261123
        <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261121<TRNAMT>+1234,56<FITID>F1<NAME>ALMA &amp; CIE<MEMO>payout_abc1</STMTTRN>
        <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261122120000[+1:CET]<TRNAMT>-99.9<FITID>F2<NAME>EDF</STMTTRN>
        <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261122<TRNAMT>10.00<FITID>F3<NAME>REMISE CB</STMTTRN>
        </BANKTRANLIST><LEDGERBAL><BALAMT>2144.66<DTASOF>20261123</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
        """

    static let ofx2 = """
        <?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>
        <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR</CURDEF>
        <BANKACCTFROM><BANKID>30004</BANKID><BRANCHID>00003</BRANCHID><ACCTID>12345678901</ACCTID></BANKACCTFROM>
        <BANKTRANLIST><DTSTART>20261121</DTSTART><DTEND>20261123</DTEND>
        <STMTTRN><DTPOSTED>20261121</DTPOSTED><TRNAMT>1234.56</TRNAMT><FITID>F1</FITID><NAME>ALMA payout_abc1</NAME></STMTTRN>
        <STMTTRN><DTPOSTED>20261122</DTPOSTED><TRNAMT>-99.90</TRNAMT><FITID>F2</FITID><NAME>EDF</NAME></STMTTRN>
        <STMTTRN><DTPOSTED>20261122</DTPOSTED><TRNAMT>10.00</TRNAMT><FITID>F3</FITID><NAME>REMISE CB</NAME></STMTTRN>
        </BANKTRANLIST><LEDGERBAL><BALAMT>2144.66</BALAMT><DTASOF>20261123</DTASOF></LEDGERBAL>
        </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
        """

    static let mt940 = """
        {1:F01AGRIFRPPXXXX0000000000}{2:I940AGRIFRPPXXXXN}{4:
        :20:ALMA261123
        :25:\(iban)
        :28C:00123/001
        :60F:C261120EUR1000,00
        :61:2611211121C1234,56NTRFNONREF//B1
        :86:?20VIR ALMA?21payout_abc1
        :61:261122D99,9NDDTREF2
        :86:EDF
        suite du texte
        :61:2611221122C10,NMSCNONREF
        :62F:C261123EUR2144,66
        -}
        """

    static let cfonb =
        [
            balance("01", "201126", "0000000010000{"), movement("211126", "0000000012345F", "VIR ALMA SAS"),
            complement("LIB", "payout_abc1"), movement("221126", "0000000000999}", "PRLV EDF"),
            movement("221126", "0000000000100{", "REMISE CB"), balance("07", "231126", "0000000021446F"),
        ].joined(separator: "\r\n") + "\r\n"

    static let csv = """
        Compte courant;FR76 3000 4000 0312 3456 7890 143
        Date;Libellé;Débit;Crédit
        21/11/2026;"VIR ALMA ""SAS""; payout_abc1";;1 234,56
        22/11/2026;EDF;-99,90;
        22/11/26;REMISE CB;;10,00
        """

    static let mapping = """
        {"iban":"\(iban)","currency":"EUR","dayColumn":"Date","debitColumn":"Débit","creditColumn":"Crédit",
        "textColumns":["Libellé"]}
        """

    private static func padded(_ text: String, _ length: Int) -> String {
        text + String(repeating: " ", count: length - text.count)
    }

    private static func head(_ code: String, _ kind: String, _ day: String) -> String {
        code + "30004" + "    " + "00003" + "EUR2" + " " + "12345678901" + kind + day
    }

    private static func balance(_ code: String, _ day: String, _ amount: String) -> String {
        padded(padded(head(code, "  ", day), 90) + amount, 120)
    }

    private static func movement(_ day: String, _ amount: String, _ text: String) -> String {
        let start = padded(head("04", "05", day) + "  " + day + text, 81)
        return padded(padded(start + "0000000", 90) + amount, 120)
    }

    private static func complement(_ kind: String, _ text: String) -> String {
        padded(head("05", "05", "211126") + "     " + kind + text, 120)
    }
}

/// One statement, always of the same account, days and balances.
enum KnownStatement {
    static func entry(_ reference: String, _ cents: Int64) -> StatementEntry {
        StatementEntry(reference: reference, amount: cents, text: "VIR \(reference)")
    }

    static func camt(_ entries: [StatementEntry]) -> String { StatementFile(id: "S1", entries: entries).text }

    static func ofx(_ entries: [StatementEntry]) -> String {
        let movements = entries.map { entry in
            let amount = Money(entry.amount, .eur).decimalText(separator: ".")
            return "<STMTTRN><DTPOSTED>20261126<TRNAMT>\(amount)<FITID>\(entry.reference ?? "")<NAME>VIR</STMTTRN>"
        }
        return """
            OFXHEADER:100

            <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
            <BANKACCTFROM><BANKID>30004<BRANCHID>00003<ACCTID>12345678901</BANKACCTFROM>
            <BANKTRANLIST><DTSTART>20261126<DTEND>20261126
            \(movements.joined(separator: "\n"))
            </BANKTRANLIST><LEDGERBAL><BALAMT>10093.00<DTASOF>20261126</LEDGERBAL>
            </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
            """
    }
}

extension `The books` {
    @Suite struct `Statements of every format` {
        /// A file with how it is asked for.
        struct File: Sendable, CustomTestStringConvertible {
            let name: String
            let text: String
            var query = ""

            var testDescription: String { name }

            static let all = [
                File(name: "OFX 1", text: BankFiles.ofx1), File(name: "OFX 2", text: BankFiles.ofx2),
                File(name: "MT940", text: BankFiles.mt940), File(name: "CFONB 120", text: BankFiles.cfonb),
                File(name: "CSV", text: BankFiles.csv, query: "?mapping=bank"),
            ]
        }

        private func written() async throws -> Books {
            let books = try Books()
            #expect(try await books.put("/v1/csv-mappings/bank", BankFiles.mapping).status == 200)
            let stray = PaymentFacts("payment_stray", 123_456).line("payout_abc1", fee: 0)
            _ = try await books.importReport(ReportFile([stray]).text)
            return books
        }

        @Test(arguments: File.all)
        func `REC-4 are read to the cent, point their payout, and change nothing the second time`(file: File)
            async throws
        {
            let books = try await written()
            let tried = try await books.importStatement(
                file.text, file.query.isEmpty ? "?dryRun=true" : "\(file.query)&dryRun=true")
            #expect(tried.status == 200 && tried.json["linesNew"]?.integer == 3, "\(tried.text)")
            #expect(tried.json["payoutsPointed"]?.integer == 1)
            #expect(try await books.count("bank_line") == 0)
            #expect(try await books.count("bank_statement") == 0)

            let first = try await books.importStatement(file.text, file.query)
            #expect(first.status == 201 && first.json["payoutsPointed"]?.integer == 1, "\(first.text)")
            let second = try await books.importStatement(file.text, file.query)
            #expect(second.json["linesNew"]?.integer == 0 && second.json["linesKnown"]?.integer == 3, "\(second.text)")
            let lines = try await books.bench.superuser.query(
                """
                SELECT iban, booked_on, amount FROM bank_line WHERE organisation = \(books.organisation)
                ORDER BY booked_on, amount
                """
            ) { row in
                "\(try row("iban") as String) \(try row("booked_on") as LocalDate) \(try row("amount") as Int64)"
            }
            #expect(
                lines == [
                    "\(BankFiles.iban) 2026-11-21 123456", "\(BankFiles.iban) 2026-11-22 -9990",
                    "\(BankFiles.iban) 2026-11-22 1000",
                ])
            #expect(try await books.payout("payout_abc1")["rule"]?.text == "reference")
        }

        @Test func `REC-4 the same movement twice in one file is two, and stays two`() async throws {
            let books = try await written()
            let twice = BankFiles.csv + "\n22/11/2026;REMISE CB;;10,00\n"
            #expect(try await books.importStatement(twice, "?mapping=bank").json["linesNew"]?.integer == 4)
            let longer = twice + "23/11/2026;REMISE CB;;10,00\n"
            let answer = try await books.importStatement(longer, "?mapping=bank")
            #expect(answer.json["linesNew"]?.integer == 1 && answer.json["linesKnown"]?.integer == 4, "\(answer.text)")
        }

        @Test(
            arguments: [
                (BankFiles.mt940.replacing("2144,66", with: "2144,67"), "line 12", "2144.67 EUR"),
                (BankFiles.mt940.replacing("D99,9", with: "X99,9"), "line 8", "is not a movement"),
                (BankFiles.cfonb.replacing("0000000021446F", with: "0000000021446G"), "line 6", "2144.67 EUR"),
                (BankFiles.cfonb.replacing("0000000012345F", with: "000000001234.F"), "line 2", "is not an amount"),
                (
                    BankFiles.cfonb.replacing("0105221126  221126PRLV", with: "0205221126  221126PRLV"), "line 4",
                    "of another account than the balance above"
                ),
                (BankFiles.ofx1.replacing("<TRNAMT>-99.9", with: "<TRNAMT>ninety"), "line 12", "is not an amount"),
                (BankFiles.ofx1.replacing("+1234,56", with: "+1234,567"), "line 11", "+1234,567"),
                (BankFiles.ofx1.replacing("<FITID>F2", with: ""), "line 12", "FITID"),
                (BankFiles.ofx1.replacing("20261122120000", with: "20261322120000"), "line 12", "DTPOSTED"),
            ] as [(String, String, String)])
        func `REC-4 a broken file names line and reason and brings nothing`(
            file: String, place: String, reason: String
        ) async throws {
            let books = try await written()
            let answer = try await books.importStatement(file)
            #expect(answer.status == 422 && answer.text.lowercased().contains(place), "\(answer.text)")
            #expect(answer.text.contains(reason), "\(answer.text)")
            #expect(try await books.count("bank_line") == 0)
            #expect(try await books.count("bank_statement") == 0)
        }

        @Test(arguments: [
            ("22/11/2026;EDF;-99,90", "31/02/2026;EDF;-99,90", "line 4"), ("-99,90;", "abc;", "line 4"),
            ("-99,90;", "-99.90;", "decimalSeparator is comma"), ("-99,90;", " ;", "The amount is missing"),
            ("22/11/2026;EDF", "32/11/2026;EDF", "Mend the day in the file"),
            ("22/11/2026;EDF", "11/22/2026;EDF", "its order is day-month-year"),
            ("-99,90;", "-99,90;1,00", "line 4"), ("-99,90;", "-99,90;;", "line 4"), ("Crédit", "Avoir", "Crédit"),
            ("Date;", "Jour;", "Date"),
        ])
        func `REC-4 a CSV file that does not fit its mapping says where`(
            found: String, planted: String, place: String
        ) async throws {
            let books = try await written()
            let answer = try await books.importStatement(
                BankFiles.csv.replacing(found, with: planted), "?mapping=bank")
            #expect(answer.status == 422 && answer.text.contains(place), "\(answer.text)")
            #expect(try await books.count("bank_line") == 0)
        }

        @Test
        func `REC-4 a CSV file gives its good rows where a person asks for them, and says which were bad and why`()
            async throws
        {
            let books = try await written()
            let spoilt = BankFiles.csv.replacing("22/11/2026;EDF;-99,90", with: "31/02/2026;EDF;-99,90")
            let query = "?mapping=bank&takeGoodRows=true"
            let tried = try await books.importStatement(spoilt, query + "&dryRun=true")
            #expect(tried.status == 200 && tried.json["badRows"]?.elements?.count == 1, "\(tried.text)")
            #expect(try await books.count("bank_line") == 0)
            let key = Books.newKey()
            let taken = try await books.importStatement(spoilt, query, key: key)
            #expect(taken.status == 201 && taken.json["linesNew"]?.integer == 2, "\(taken.text)")
            let bad = taken.json["badRows"]?.elements?.first
            #expect(bad?["line"]?.integer == 4 && bad?["reason"]?.text?.contains("31/02/2026") == true)
            #expect(taken.json["badRowsInAll"]?.integer == 1)
            let repeated = try await books.bench.http.call(
                .post, "/v1/bank-statements\(query)", as: books.principal(), json: spoilt, key: key,
                headers: ["Content-Type": "application/xml", "Accept-Language": "fr"])
            #expect(repeated.json["linesNew"]?.integer == 2, "\(repeated.text)")
            let said = repeated.json["badRows"]?.elements?.first?["reason"]?.text ?? ""
            #expect(said.contains("31/02/2026") && said != bad?["reason"]?.text, "GEN-5: \(said)")
            let mended = try await books.importStatement(BankFiles.csv, query)
            #expect(mended.json["linesNew"]?.integer == 1 && mended.json["linesKnown"]?.integer == 2, "\(mended.text)")
            #expect(mended.json["badRows"] == nil)
            let other = try await books.importStatement(BankFiles.mt940, "?takeGoodRows=true")
            #expect(other.status == 422 && other.text.contains("Only CSV files"), "\(other.text)")
        }

        @Test(arguments: [true, false])
        func `REC-4 a statement that is known and told again with more movements loses none of them`(
            isOFX: Bool
        ) async throws {
            let books = try Books()
            var told: [StatementEntry] = []
            let steps: [(entries: [StatementEntry], new: Int64?)] = [
                ([KnownStatement.entry("N1", 9_300)], 1),
                ([KnownStatement.entry("N2", 8_300), KnownStatement.entry("N3", -8_300)], 2), ([], 0),
                ([KnownStatement.entry("N7", 7_700)], nil),
            ]
            for step in steps {
                let entries = step.new == nil ? step.entries : told + step.entries
                let file = isOFX ? KnownStatement.ofx(entries) : KnownStatement.camt(entries)
                let answer = try await books.importStatement(file)
                guard let new = step.new else {
                    #expect(answer.status == 422, "\(answer.text)")
                    let reason = isOFX ? "was taken in with other movements: 1 here" : "was imported before from"
                    #expect(answer.text.contains(reason), "\(answer.text)")
                    break
                }
                told = entries
                #expect(answer.status == 201 && answer.json["linesNew"]?.integer == new, "\(answer.text)")
                #expect(answer.json["linesKnown"]?.integer == Int64(told.count) - new, "\(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
            #expect(try await books.count("bank_statement") == 1)
        }

        @Test func `REC-4 a statement that is known and has other movements of the same sum is refused`() async throws {
            let books = try Books()
            let first = try await books.importStatement(KnownStatement.camt([KnownStatement.entry("N1", 9_300)]))
            #expect(first.status == 201, "\(first.text)")
            let other = try await books.importStatement(KnownStatement.camt([KnownStatement.entry("N7", 9_300)]))
            #expect(other.status == 422 && other.text.contains("come to 93.00 EUR"), "\(other.text)")
            #expect(try await books.count("bank_line") == 1)
        }

        @Test(arguments: [
            BankFiles.mt940.replacing("//B1", with: "//B9"), BankFiles.cfonb.replacing("EDF", with: "SFR"),
        ])
        func `REC-4 a statement whose movements are named otherwise the second time is refused`(
            other: String
        ) async throws {
            let books = try await written()
            let file = other.contains("//B9") ? BankFiles.mt940 : BankFiles.cfonb
            #expect(try await books.importStatement(file).status == 201)
            let answer = try await books.importStatement(other)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.text.contains("was taken in with other movements: 1 here"), "\(answer.text)")
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 one account comes in one format: the same days in another are refused`() async throws {
            let books = try await written()
            #expect(try await books.importStatement(BankFiles.mt940).status == 201)
            let answer = try await books.importStatement(BankFiles.ofx2)
            #expect(answer.status == 422 && answer.text.contains("came as mt940 before"), "\(answer.text)")
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 refuses what is of no format, an unknown mapping, and mappings that say two things`()
            async throws
        {
            let books = try await written()
            #expect(try await books.importStatement("hello").status == 422)
            #expect(try await books.importStatement(BankFiles.csv).status == 422)
            #expect(try await books.importStatement(BankFiles.csv, "?mapping=other").status == 404)
            for change in [
                (#""debitColumn":"Débit","#, ""), (#""dayColumn":"Date","#, ""), ("0143", "0144"),
                (#""creditColumn""#, #""amountColumn""#), (#"["Libellé"]"#, "[]"),
            ] {
                let answer = try await books.put(
                    "/v1/csv-mappings/broken", BankFiles.mapping.replacing(change.0, with: change.1))
                #expect(answer.status == 422, "\(change)")
            }
        }
    }
}
