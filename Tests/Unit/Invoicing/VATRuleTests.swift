import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: what VAT lines may bear.
@Suite struct `The VAT of what is issued` {
    private func seller(
        _ scheme: Seller.VATScheme = .onReceipts, in country: String = "FR", of operations: Seller.Operations? = nil
    ) -> Seller {
        Seller(
            name: "Les Lilas", vatScheme: scheme,
            address: PostalAddress(street: nil, postcode: nil, town: "Lyon", country: country), operations: operations)
    }

    private func lines(_ rates: [Int]) -> [InvoiceLine] {
        rates.map { InvoiceLine(label: "Soin", quantity: .one, unitPrice: .free, vatRate: BasisPoints($0)) }
    }

    @Test func `INV-4: a seller that bills none issues no line with VAT, and every other one may`() throws {
        let exempt = VATRule(of: seller(.exempt))
        #expect(throws: VATRejection.exemptSeller(line: 2)) { try exempt.admitIssue(of: lines([0, 0, 2_000, 550])) }
        try exempt.admitIssue(of: lines([0, 0]))
        for other in [seller(.onReceipts), seller(.onDebits), nil] {
            try VATRule(of: other).admitIssue(of: lines([2_000, 550, 0]))
        }
    }

    @Test(arguments: [2_000, 1_000, 550, 210, 0, 1_300, 90, 850, 175, 105])
    func `INV-4: takes each rate of French law`(rate: Int) throws {
        try VATRule(of: seller()).admitIssue(of: lines([rate]))
        try VATRule(of: nil).admit(lines([rate]))
    }

    @Test(arguments: [1_960, 20, 10, 1, 2_001, 2_100, 10_000])
    func `INV-4: takes no other rate of a French seller, drafts included`(rate: Int) {
        let refused = VATRejection.noRate(BasisPoints(rate), line: 1)
        for country in ["FR", "GP", "MQ", "RE"] {
            let rule = VATRule(of: seller(in: country))
            #expect(throws: refused) { try rule.admit(lines([0, rate])) }
            #expect(throws: refused) { try rule.admitIssue(of: lines([0, rate])) }
        }
        #expect(throws: refused) { try VATRule(of: nil).admit(lines([0, rate])) }
        #expect(throws: Never.self) { try VATRule(of: seller(in: "BE")).admitIssue(of: lines([0, rate])) }
    }

    @Test func `INV-4: a seller of goods and services says of each line which it is, but for old quotes`() throws {
        let natures: [Seller.Operations?] = [.goods, .services, .both, nil]
        let lines = natures.map { nature in
            InvoiceLine(label: "Soin", quantity: .one, unitPrice: .free, vatRate: BasisPoints(2_000), nature: nature)
        }
        let rule = VATRule(of: seller(of: .both))
        #expect(throws: VATRejection.noNature(line: 3)) { try rule.admitIssue(of: lines) }
        try rule.admitIssue(of: Array(lines.dropLast()))
        try rule.admit(lines)
        try rule.admitIssue(ofQuoted: lines)
        for other in [seller(of: .goods), seller(of: .services), seller(), nil] {
            try VATRule(of: other).admitIssue(of: lines)
        }
        let exempt = VATRule(of: seller(.exempt, of: .both))
        #expect(throws: VATRejection.exemptSeller(line: 0)) { try exempt.admitIssue(ofQuoted: lines) }
    }

    @Test func `INV-4: knows a rate that was given in percents`() {
        #expect(FrenchVAT.meant(by: BasisPoints(20)) == BasisPoints(2_000))
        #expect(FrenchVAT.meant(by: BasisPoints(13)) == BasisPoints(1_300))
        for rate in [1_960, 2_000, 0, 21] { #expect(FrenchVAT.meant(by: BasisPoints(rate)) == nil) }
    }
}
