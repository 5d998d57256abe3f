import EventContract
import PaymentModel

/// A payment as the payment service tells of it.
struct PaymentFacts: Sendable {
    let id: PaymentID = Books.newID()
    var reference: String
    var amount: Int64
    var fee: Int64
    var vat: Int64
    var currency = Currency.eur
    var provider = Provider.alma
    var isHeld = false
    var clinic: ClinicID?
    var invoice: InvoiceID?
    /// Far away: the day on which the tests run must not make it late.
    var expectedOn = Books.day.adding(days: 36_500)
    /// Noon in Paris on the day of the tests.
    var acceptedAt = Instant(secondsSince1970: Int64(Books.day.daysSince1970) * 86_400 + 11 * 3_600)

    /// A payment with the usual fee of 3.6 % and its VAT.
    init(_ reference: String, _ amount: Int64) {
        self.reference = reference
        self.amount = amount
        fee = amount * 36 / 1_000
        vat = fee / 5
    }

    var net: Int64 { amount - fee - vat }

    var accepted: PaymentAcceptedV1 {
        PaymentAcceptedV1(
            paymentID: id, invoiceID: invoice, clientID: ClientID(7), amount: Money(amount, currency),
            provider: provider,
            providerReference: reference, plan: .inInstalments(3), schedule: [], fee: Money(fee, currency),
            feeVAT: Money(vat, currency), acceptedAt: acceptedAt, expectedPayoutOn: expectedOn,
            disposition: isHeld ? .heldForClient : .receivable)
    }

    /// The provider's line about it.
    func line(_ payout: String, fee: Int64? = nil, reference: String? = nil) -> ReportRow {
        ReportRow(
            payout: payout, transaction: reference ?? "txn_\(self.reference)", type: "from_transaction",
            payment: self.reference, currency: currency, amount: amount, fee: fee ?? self.fee + vat)
    }
}

/// A refund as the payment service tells of it.
struct RefundFacts: Sendable {
    let id: RefundID = Books.newID()
    let payment: PaymentFacts
    let amount: Int64
    /// How many days after the payment.
    var daysLater = 0

    var completed: RefundCompletedV1 {
        RefundCompletedV1(
            refundID: id, paymentID: payment.id, invoiceID: payment.invoice, clientID: ClientID(7),
            amount: Money(amount, payment.currency), provider: .alma, schedule: [],
            completedAt: Instant(
                microsecondsSince1970: payment.acceptedAt.microsecondsSince1970 + Int64(daysLater) * 86_400_000_000))
    }

    /// The provider's line about it; a fee below nothing is one given back.
    func line(_ payout: String, fee: Int64 = 0) -> ReportRow {
        ReportRow(
            payout: payout, transaction: "rfd_\(payment.reference)_\(amount)", type: "from_refund",
            payment: payment.reference, currency: payment.currency, amount: -amount, fee: fee)
    }
}

/// A row of Alma's report.
struct ReportRow: Sendable {
    var payout: String
    var transaction: String
    var type: String
    var payment: String
    var currency = Currency.eur
    var amount: Int64
    var fee: Int64
    /// What the file claims the difference of the two is.
    var net: Int64?
    var day = Books.day

    var trueNet: Int64 { amount - fee }
}

/// Alma's `accounting_for_payout` export as text.
struct ReportFile {
    static let header = [
        "payout_id", "payout_date", "transaction_id", "type", "payment_id", "merchant_reference", "currency", "amount",
        "merchant_fee", "net_amount",
    ]

    let rows: [ReportRow]

    init(_ rows: [ReportRow]) { self.rows = rows }

    var text: String { ([Self.header] + rows.map(fields)).map { $0.joined(separator: ",") + "\r\n" }.joined() }

    private func fields(_ row: ReportRow) -> [String] {
        let amounts = [row.amount, row.fee, row.net ?? row.trueNet].map { Money($0, row.currency) }
        return [
            row.payout, "\(row.day)", row.transaction, row.type, row.payment, "\"F-1, \"\"Rex\"\"\"",
            row.currency.code,
        ] + amounts.map { $0.decimalText(separator: ".") }
    }
}

/// A movement of a bank statement.
struct StatementEntry: Sendable {
    var reference: String?
    var amount: Int64
    var text: String
    var day = Books.day.adding(days: 1)
    var currency = Currency.eur
    /// The place in its statement, which some banks give as the only reference.
    var place: String?
    /// Whether its day is none.
    var isWrong = false
    var status = "BOOK"
}

/// A camt.053 file, one element a line so that lines can be counted.
struct StatementFile {
    static let iban = "FR7630004000031234567890143"

    var id: String
    var iban = Self.iban
    var opening: Int64 = 100_000
    var currency = Currency.eur
    var entries: [StatementEntry]
    /// What the file claims; nil for what the movements give.
    var closing: Int64?
    /// Between the XML declaration and the document.
    var prolog = ""

    var trueClosing: Int64 { entries.reduce(opening) { $0 + $1.amount } }

    var text: String { Self.text(of: [self]) }

    /// One file with several statements.
    static func text(of files: [Self]) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        \(files[0].prolog)<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
        <GrpHdr><MsgId>MSG-\(files[0].id)</MsgId></GrpHdr>\(files.map(\.statement).joined())</BkToCstmrStmt></Document>
        """
    }

    private var statement: String {
        """
        <Stmt>
        <Id>\(id)</Id>
        <Acct><Id><IBAN>\(iban)</IBAN></Id></Acct>
        \(balance("OPBD", opening))
        \(balance("CLBD", closing ?? trueClosing))
        \(entries.map(entry).joined(separator: "\n"))
        </Stmt>
        """
    }

    private func balance(_ code: String, _ cents: Int64) -> String {
        "<Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp>\(amount(cents, currency))</Bal>"
    }

    private func entry(_ entry: StatementEntry) -> String {
        let reference = entry.reference.map { "<AcctSvcrRef>\($0)</AcctSvcrRef>" } ?? ""
        let place = entry.place.map { "<NtryRef>\($0)</NtryRef>" } ?? ""
        return """
            <Ntry>\(place)\(amount(entry.amount, entry.currency))<Sts><Cd>\(entry.status)</Cd></Sts>\
            <BookgDt><Dt>\(entry.isWrong ? "yesterday" : "\(entry.day)")</Dt></BookgDt>\(reference)\
            <NtryDtls><TxDtls><RmtInf><Ustrd>\(entry.text)</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
            """
    }

    private func amount(_ cents: Int64, _ currency: Currency) -> String {
        let text = Money(Int64(cents.magnitude), currency).decimalText(separator: ".")
        return "<Amt Ccy=\"\(currency)\">\(text)</Amt><CdtDbtInd>\(cents >= 0 ? "CRDT" : "DBIT")</CdtDbtInd>"
    }
}
