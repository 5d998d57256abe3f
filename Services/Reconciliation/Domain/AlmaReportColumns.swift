/// What the columns of Alma's export of a payout are called, which Alma documents in part and may change (REC-3).
package struct AlmaReportColumns: Hashable, Codable, Sendable {
    /// What the numbers of the file count.
    package enum AmountUnit: String, Codable, CaseIterable, Sendable {
        /// Units of the currency, with a decimal point.
        case decimal
        /// Whole cents.
        case cents
    }

    /// Why no file could be read by them.
    package enum Rejection: Error, Hashable, Sendable {
        /// A refund could not be told from a payment.
        case noKind
        /// A payout has a name and a day, or is named by whoever hands the file in.
        case halfOfPayout
        /// Two things cannot be read of one column.
        case twice(String)
    }

    /// The payout a line is in; nil where a file is of one payout and does not name it.
    package let payout: String?
    /// When Alma sent it.
    package let payoutDay: String?
    /// Alma's name of the line.
    package let line: String
    /// Alma's word for what the line is; nil where the name of a refund tells it.
    package let kind: String?
    /// Alma's name of the payment.
    package let payment: String
    /// Alma's name of the refund; empty in a line of a payment.
    package let refund: String?
    /// Nil where all amounts are in euros.
    package let currency: String?
    /// What the client paid or was given back.
    package let amount: String
    /// What Alma keeps of it, with VAT.
    package let fee: String
    /// What is left for the clinic.
    package let net: String
    /// What the numbers of these columns count.
    package let unit: AmountUnit

    /// Columns by their names in the header.
    package init(
        payout: String?, payoutDay: String?, line: String, kind: String?, payment: String, refund: String?,
        currency: String?, amount: String, fee: String, net: String, unit: AmountUnit
    ) throws(Rejection) {
        guard kind != nil || refund != nil else { throw .noKind }
        guard (payout == nil) == (payoutDay == nil) else { throw .halfOfPayout }
        (self.payout, self.payoutDay, self.line, self.kind) = (payout, payoutDay, line, kind)
        (self.payment, self.refund, self.currency) = (payment, refund, currency)
        (self.amount, self.fee, self.net, self.unit) = (amount, fee, net, unit)
        var names: Set<String> = []
        for name in all {
            guard names.insert(name).inserted else { throw .twice(name) }
        }
    }

    private init(byLabel: Bool) {
        guard byLabel else {
            (payout, payoutDay, line, kind) = ("payout_id", "payout_date", "transaction_id", "type")
            (payment, refund, currency) = ("payment_id", nil, "currency")
            (amount, fee, net, unit) = ("amount", "merchant_fee", "net_amount", AmountUnit.decimal)
            return
        }
        (payout, payoutDay, line, kind) = (nil, nil, "Identifiant ligne comptable", nil)
        (payment, refund, currency) = ("Identifiant paiement", "Identifiant remboursement", nil)
        (amount, fee) = ("Montant brut (centimes)", "Frais Alma (centimes)")
        (net, unit) = ("Montant net (centimes)", AmountUnit.cents)
    }

    /// The names Alma's API has for the same things.
    package static let usual = AlmaReportColumns(byLabel: false)
    /// The labels Alma's manual gives for its accounting exports (docs.almapay.com/docs/exports-comptables).
    package static let documented = AlmaReportColumns(byLabel: true)
    /// Those a file may have until the organisation says what its files have.
    package static let known = [usual, documented]

    /// The first of some sets of names that a header has as a whole, in any order and among others.
    package static func fitting(_ header: [String], among sets: [AlmaReportColumns]) -> AlmaReportColumns? {
        sets.first { $0.all.allSatisfy { header.contains($0) } }
    }

    /// Those without which a file cannot be read.
    package var all: [String] {
        [payout, payoutDay, line, kind, payment, refund, currency, amount, fee, net].compactMap(\.self)
    }

    /// What a line is, by the words in these columns; nil for the transfer itself, which is the contrary of all others.
    package func lineKind(_ word: String, payment: String, refund: String) -> SettlementLine.Kind? {
        guard kind != nil else {
            if !refund.isEmpty { return .refund }
            return payment.isEmpty ? .adjustment : .payment
        }
        return switch word {
        case "from_payout": nil
        case "from_transaction": .payment
        case "from_refund": .refund
        // A commission that Alma gives back.
        case "from_fee_waiver": .fee
        default: .adjustment
        }
    }
}
