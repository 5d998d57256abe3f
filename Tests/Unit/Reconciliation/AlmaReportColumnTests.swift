import ReconciliationDomain
import Testing

@Suite struct `REC-3: columns of Alma's reports` {
    private func columns(
        payout: String? = nil, day: String? = nil, kind: String? = nil, refund: String? = "Remboursement",
        net: String = "Net"
    ) throws -> AlmaReportColumns {
        try AlmaReportColumns(
            payout: payout, payoutDay: day, line: "Ligne", kind: kind, payment: "Paiement", refund: refund,
            currency: nil, amount: "Brut", fee: "Frais", net: net, unit: .cents)
    }

    @Test func `are needed as they are called, those that were left out are not`() throws {
        #expect(try columns().all == ["Ligne", "Paiement", "Remboursement", "Brut", "Frais", "Net"])
        #expect(AlmaReportColumns.usual.all.count == 9 && !AlmaReportColumns.usual.all.contains("refund_id"))
    }

    @Test func `are those the header has as a whole, in any order and among others`() {
        let (usual, documented) = (AlmaReportColumns.usual, AlmaReportColumns.documented)
        for columns in [usual, documented] {
            let header = ["Nom client"] + columns.all.reversed()
            #expect(AlmaReportColumns.fitting(header, among: AlmaReportColumns.known) == columns)
            #expect(AlmaReportColumns.fitting(Array(header.dropLast()), among: AlmaReportColumns.known) == nil)
        }
        #expect(AlmaReportColumns.fitting(documented.all, among: [usual]) == nil, "an organisation has the last word")
        #expect(documented.unit == .cents && documented.payout == nil && documented.kind == nil)
    }

    @Test func `are refused where no file could be read by them`() throws {
        #expect(throws: AlmaReportColumns.Rejection.noKind) { try columns(refund: nil) }
        #expect(throws: AlmaReportColumns.Rejection.halfOfPayout) { try columns(payout: "Virement") }
        #expect(throws: AlmaReportColumns.Rejection.halfOfPayout) { try columns(day: "Date") }
        #expect(throws: AlmaReportColumns.Rejection.twice("Brut")) { try columns(net: "Brut") }
    }

    @Test(arguments: [
        ("from_transaction", "payment_x", "", SettlementLine.Kind.payment),
        ("from_refund", "payment_x", "refund_x", .refund), ("from_fee_waiver", "payment_x", "", .fee),
        ("a word of next year", "", "", .adjustment),
    ])
    func `tell what a line is by Alma's word`(
        word: String, payment: String, refund: String, kind: SettlementLine.Kind
    ) {
        #expect(AlmaReportColumns.usual.lineKind(word, payment: payment, refund: refund) == kind)
    }

    @Test func `tell the transfer from its lines`() {
        #expect(AlmaReportColumns.usual.lineKind("from_payout", payment: "", refund: "") == nil)
    }

    @Test(arguments: [
        ("payment_x", "", SettlementLine.Kind.payment), ("payment_x", "refund_x", .refund), ("", "", .adjustment),
    ])
    func `tell what a line is by the names in it where there is no word`(
        payment: String, refund: String, kind: SettlementLine.Kind
    ) throws {
        #expect(try columns().lineKind("", payment: payment, refund: refund) == kind)
    }
}
