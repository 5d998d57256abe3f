import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: what VAT lines may bear.
@Suite struct `The VAT of what is issued` {
    private func seller(_ scheme: Seller.VATScheme) -> Seller {
        Seller(
            name: "Les Lilas", vatScheme: scheme,
            address: PostalAddress(street: nil, postcode: nil, town: "Lyon", country: "FR"))
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
}
