import PaymentModel

/// How decimals are written in an export.
enum DecimalSeparator: String, CaseIterable, Sendable {
    case comma, point
}

/// The fee screen as a file French Excel opens as it is: UTF-8 with its mark, semicolons, CRLF (C-27).
struct FeeExport {
    let decimalSeparator: DecimalSeparator

    func text(of rows: [FeeRow]) -> String {
        let header = [
            "payment", "invoice", "client", "provider", "accepted_on", "currency", "amount", "refunded", "fee",
            "fee_vat", "net", "expected_on", "payout", "paid",
        ]
        return "\u{FEFF}" + ([header] + rows.map(cells)).map(line).joined()
    }

    private func cells(_ row: FeeRow) -> [String] {
        [
            row.paymentID.description, row.invoiceNumber ?? "", row.clientID.description, row.provider.rawValue,
            row.acceptedOn.description, row.amount.currency.code, amount(row.amount), amount(row.refunded),
            amount(row.fee), amount(row.feeVAT), amount(row.net), row.expectedOn.description,
            row.payoutReference ?? "", row.isPaid ? "yes" : "no",
        ]
    }

    private func amount(_ money: Money) -> String {
        money.decimalText(separator: decimalSeparator == .comma ? "," : ".")
    }

    private func line(_ cells: [String]) -> String { cells.map(CSVCell.text).joined(separator: ";") + "\r\n" }
}

/// One cell of a CSV file.
enum CSVCell {
    /// Quoted where it must be; a text a spreadsheet would run as a formula is disarmed, a number is left alone.
    ///
    /// Looked at by Unicode scalar: a character such as CR LF, or a sign with an accent on it, is none of the
    /// characters it is made of.
    static func text(_ value: String) -> String {
        let isFormula = value.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } ?? false
        let safe = isFormula && !isNumber(value) ? "'" + value : value
        guard safe.unicodeScalars.contains(where: { ";\"\n\r".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// A sign, digits and at most one separator.
    private static func isNumber(_ value: String) -> Bool {
        let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
        let parts = digits.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "," || $0 == "." }
        return parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
    }
}
