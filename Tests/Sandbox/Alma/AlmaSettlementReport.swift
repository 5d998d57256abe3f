/// What a test planted in the lines of a payout's report; the money of the bank is planted apart.
struct SettlementFault: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// The transfer is smaller than the report says.
        case short
        /// One payment is paid but not listed.
        case missingLine = "missing-line"
        /// A payment nobody knows is listed and paid.
        case unknownPayment = "unknown-payment"
        /// One line is listed twice, paid once.
        case duplicateLine = "duplicate-line"
        /// The transfer arrives days later.
        case late
        /// The transfer never arrives.
        case neverArrives = "never-arrives"
    }

    let kind: Kind
    /// Merchant it concerns; all when nil.
    let merchantID: String?
    let cents: Int64
    let days: Int64

    init(_ json: JSON) throws {
        guard let kind = json["kind"]?.asText.flatMap(Kind.init(rawValue:)) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal.control("a payout fault's 'kind' must be one of: \(known)")
        }
        self.kind = kind
        merchantID = json.given("merchantID")?.asText
        cents = json["cents"]?.asInteger ?? (kind == .unknownPayment ? 75_00 : 3)
        days = json["days"]?.asInteger ?? 3
    }
}

/// The report that explains a payout: one line per movement, amounts in euros with a decimal point.
struct AlmaSettlementReport: Sendable {
    static let columns = [
        "payout_id", "payout_date", "transaction_id", "type", "payment_id", "refund_id", "merchant_reference",
        "transaction_date", "currency", "amount", "merchant_fee_excluding_tax", "merchant_fee_tax", "merchant_fee",
        "net_amount",
    ]

    let payout: AlmaPayout
    var lines: [AlmaTransaction]

    /// Spoils the list of lines as planted; which line is always the first payment's.
    mutating func apply(_ fault: SettlementFault) {
        guard let index = lines.firstIndex(where: { $0.kind == .payment }) else { return }
        switch fault.kind {
        case .missingLine: lines.remove(at: index)
        case .duplicateLine: lines.insert(lines[index], at: index + 1)
        case .unknownPayment, .short, .late, .neverArrives: break
        }
    }

    func csv(references: [String: String]) -> String {
        let rows = lines.map { row($0, reference: $0.paymentID.flatMap { references[$0] } ?? "") }
        return ([Self.columns] + rows).map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    private func row(_ line: AlmaTransaction, reference: String) -> [String] {
        [
            payout.id, CivilDate(unixSeconds: payout.created).text, line.id, line.kind.rawValue,
            line.paymentID ?? "", line.refundID ?? "", reference, CivilDate(unixSeconds: line.created).text, "EUR",
            Cents.text(line.amount), Cents.text(line.merchantFeeExcludingTax), Cents.text(line.merchantFeeTax),
            Cents.text(line.merchantFee), Cents.text(line.net),
        ]
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + String(text.flatMap { $0 == "\"" ? ["\"", "\""] : [$0] }) + "\""
    }
}
