/// Files of banks and providers with so many lines as one wants, made while they are read.
package struct LargeFile: Sendable {
    /// What is written.
    package enum Kind: String, CaseIterable, Sendable {
        case camt053, ofx, mt940, cfonb120, csv, alma, stripe, paypal
    }

    /// The account of the statements.
    package static let iban = "FR7630004000031234567890143"
    private static let pieceBytes = 1 << 16

    package let kind: Kind
    package let lines: Int
    /// Where the numbers begin, so that two files can overlap.
    package let first: Int
    /// Lines of one payout, in reports.
    package let payoutLines: Int

    package init(_ kind: Kind, lines: Int, first: Int = 0, payoutLines: Int = 1_000) {
        (self.kind, self.lines, self.first, self.payoutLines) = (kind, lines, first, payoutLines)
    }

    /// Whether it is a provider's report.
    package var isReport: Bool { [.alma, .stripe, .paypal].contains(kind) }

    /// Hands the file over in pieces; nothing of it is kept.
    package func write(_ take: ([UInt8]) async throws -> Void) async throws {
        var piece = Array(beginning.utf8)
        for number in first..<(first + lines) {
            piece.append(contentsOf: line(number).utf8)
            guard piece.count >= Self.pieceBytes else { continue }
            try await take(piece)
            piece.removeAll(keepingCapacity: true)
        }
        piece.append(contentsOf: ending.utf8)
        try await take(piece)
    }

    /// What a line is, in cents; a third of the movements of an account are debits.
    package static func cents(_ number: Int, signed: Bool) -> Int {
        let cents = 1_000 + number * 31 % 90_001
        return signed && number % 3 == 0 ? -cents : cents
    }

    private var sum: Int { (first..<(first + lines)).reduce(0) { $0 + Self.cents($1, signed: true) } }

    private static func text(_ cents: Int, _ point: String = ".") -> String {
        let (whole, part) = (abs(cents) / 100, abs(cents) % 100)
        return "\(cents < 0 ? "-" : "")\(whole)\(point)\(part < 10 ? "0" : "")\(part)"
    }

    private func payout(_ number: Int) -> Int { number / payoutLines }

    // MARK: Lines

    private func line(_ number: Int) -> String {
        let cents = Self.cents(number, signed: !isReport)
        let (amount, side) = (Self.text(abs(cents)), cents < 0)
        switch kind {
        case .camt053:
            return """
                <Ntry><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>\(side ? "DBIT" : "CRDT")</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
                <BookgDt><Dt>2026-11-21</Dt></BookgDt><AcctSvcrRef>R\(number)</AcctSvcrRef><NtryDtls><TxDtls><RmtInf>\
                <Ustrd>FACTURE \(number) CLINIQUE</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>

                """
        case .ofx:
            return """
                <STMTTRN><TRNTYPE>\(side ? "DEBIT" : "CREDIT")<DTPOSTED>20261121<TRNAMT>\(Self.text(cents))\
                <FITID>R\(number)<NAME>FACTURE \(number) CLINIQUE</STMTTRN>

                """
        case .mt940:
            return """
                :61:2611211121\(side ? "D" : "C")\(Self.text(abs(cents), ","))NTRFNONREF//R\(number)
                :86:FACTURE \(number) CLINIQUE

                """
        case .cfonb120: return record("04", "211126", cents, "FACTURE \(number) CLINIQUE")
        case .csv: return "21/11/2026;FACTURE \(number) CLINIQUE;\(Self.text(cents, ","))\n"
        case .alma:
            return "po_\(payout(number)),2026-11-20,txn_\(number),from_transaction,payment_\(number),EUR,"
                + "\(amount),0.50,\(Self.text(cents - 50))\n"
        case .stripe:
            return "po_\(payout(number)),2026-11-20 00:00:00,txn_\(number),charge,eur,\(amount),0.50,"
                + "\(Self.text(cents - 50)),payment_\(number),\n"
        case .paypal: return paypal(number, cents)
        }
    }

    private func paypal(_ number: Int, _ cents: Int) -> String {
        let row = "SB,T\(number),payment_\(number),,T0006,2026/11/20,CR,\(cents),EUR,DR,50\n"
        let isLast = (number + 1) % payoutLines == 0 || number + 1 == first + lines
        guard isLast else { return row }
        let start = max(first, number / payoutLines * payoutLines)
        let paid = (start...number).reduce(0) { $0 + Self.cents($1, signed: false) - 50 }
        return row + "SB,W\(payout(number)),,,T0400,2026/11/20,DR,\(paid),EUR,,\n"
    }

    /// A record of 120 characters.
    private func record(_ code: String, _ day: String, _ cents: Int, _ text: String) -> String {
        let digits = String(abs(cents))
        let signs = cents < 0 ? Array("}JKLMNOPQR") : Array("{ABCDEFGHI")
        let last = signs[(digits.last?.wholeNumberValue ?? 0)]
        let amount = String(repeating: "0", count: 14 - digits.count) + digits.dropLast() + String(last)
        let head = "\(code)30004    00003EUR2 12345678901  \(day)        "
        let words = text.padding(to: 31)
        return "\(head)\(words)  \(String(repeating: " ", count: 9))\(amount)\(String(repeating: " ", count: 16))\n"
    }

    // MARK: Around them

    private var beginning: String {
        switch kind {
        case .camt053:
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S\(first)-\(lines)</Id>
            <Acct><Id><IBAN>\(Self.iban)</IBAN></Id></Acct>
            \(balance("OPBD", 0))\(balance("CLBD", sum))

            """
        case .ofx:
            """
            OFXHEADER:100

            <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
            <BANKACCTFROM><BANKID>30004<BRANCHID>00003<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
            <BANKTRANLIST><DTSTART>20261121<DTEND>20261121-\(first)

            """
        case .mt940: ":20:S\(first)\n:25:\(Self.iban)\n:28C:\(first)/1\n:60F:C261120EUR0,00\n"
        case .cfonb120: record("01", "201126", 0, "")
        case .csv: "Date;Libelle;Montant\n"
        case .alma: "payout_id,payout_date,transaction_id,type,payment_id,currency,amount,merchant_fee,net_amount\n"
        case .stripe:
            "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,reporting_category,currency,"
                + "gross,fee,net,payment_intent_id,payment_metadata[quittance_payment]\n"
        case .paypal:
            "CH,Transaction ID,Invoice ID,PayPal Reference ID,Transaction Event Code,Transaction Initiation Date,"
                + "Transaction Debit or Credit,Gross Transaction Amount,Gross Transaction Currency,Fee Debit or Credit,"
                + "Fee Amount\n"
        }
    }

    private var ending: String {
        switch kind {
        case .camt053: "</Stmt></BkToCstmrStmt></Document>\n"
        case .ofx:
            "</BANKTRANLIST><LEDGERBAL><BALAMT>\(Self.text(sum))<DTASOF>20261121</LEDGERBAL></STMTRS></STMTTRNRS>"
                + "</BANKMSGSRSV1></OFX>\n"
        case .mt940: ":62F:\(sum < 0 ? "D" : "C")261121EUR\(Self.text(abs(sum), ","))\n-\n"
        case .cfonb120: record("07", "211126", sum, "")
        case .csv, .alma, .stripe, .paypal: ""
        }
    }

    private func balance(_ code: String, _ cents: Int) -> String {
        "<Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">\(Self.text(abs(cents)))</Amt>"
            + "<CdtDbtInd>\(cents < 0 ? "DBIT" : "CRDT")</CdtDbtInd></Bal>"
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String {
        String(prefix(length)) + String(repeating: " ", count: max(0, length - count))
    }
}
