import PaymentModel

/// What VAT a seller may bill on what it issues here; files bring what was said before, and that stays.
package struct VATRule: Hashable, Sendable {
    private let scheme: Seller.VATScheme

    /// Of a seller nothing was said of yet, documents say that it owes VAT.
    package init(of seller: Seller?) { scheme = seller?.vatScheme ?? .onReceipts }

    /// Whether a document of these lines may be issued: beside VAT it could not say that it bills none (CGI 293 B).
    package func admitIssue(of lines: [InvoiceLine]) throws(VATRejection) {
        guard scheme == .exempt, let line = lines.firstIndex(where: { $0.vatRate.value > 0 }) else { return }
        throw .exemptSeller(line: line)
    }
}

/// Why a line's VAT is refused.
package enum VATRejection: Error, Hashable, Sendable {
    case exemptSeller(line: Int)
}
