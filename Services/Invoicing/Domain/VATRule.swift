package import PaymentModel

/// What VAT a seller may bill on what it issues here, which is what files of invoices bring too.
package struct VATRule: Hashable, Sendable {
    private let scheme: Seller.VATScheme
    /// Nil is a seller of another country, whose rates are not known here.
    private let rates: [BasisPoints]?
    /// Then each line says whether it is goods or services: documents name it, and it tells when VAT is owed (CGI 269).
    private let isOfBoth: Bool

    /// Of a seller nothing was said of yet, documents say that it is French and owes VAT.
    package init(of seller: Seller?) {
        scheme = seller?.vatScheme ?? .onReceipts
        isOfBoth = seller?.operations == .both
        rates = FrenchVAT.countries.contains(seller?.address.country ?? "FR") ? FrenchVAT.rates : nil
    }

    /// Whether lines may be written down.
    package func admit(_ lines: [InvoiceLine]) throws(VATRejection) {
        guard let rates, let line = lines.firstIndex(where: { !rates.contains($0.vatRate) }) else { return }
        throw .noRate(lines[line].vatRate, line: line)
    }

    /// Whether a document of these lines may be issued, or offered.
    package func admitIssue(of lines: [InvoiceLine]) throws(VATRejection) {
        try admitIssue(ofQuoted: lines)
        guard isOfBoth, let line = lines.firstIndex(where: { $0.nature == nil }) else { return }
        throw .noNature(line: line)
    }

    /// Whether what was offered may be billed: beside VAT a document could not say that it bills none (CGI 293 B).
    ///
    /// What they did not say of themselves, as long as nobody had to, nobody can add by now.
    package func admitIssue(ofQuoted lines: [InvoiceLine]) throws(VATRejection) {
        try admit(lines)
        guard scheme == .exempt, let line = lines.firstIndex(where: { $0.vatRate.value > 0 }) else { return }
        throw .exemptSeller(line: line)
    }
}

/// Why a line's VAT is refused.
package enum VATRejection: Error, Hashable, Sendable {
    case exemptSeller(line: Int)
    case noRate(BasisPoints, line: Int)
    /// It does not say whether it is goods or services, of a seller of both.
    case noNature(line: Int)
}

/// The rates of French law.
package enum FrenchVAT {
    /// Those of all of France, each once: 0 is what is exempt, or where none is owed.
    package static let rates = (mainland + corsica + overseas).reduce(into: [BasisPoints]()) { all, rate in
        if !all.contains(rate) { all.append(rate) }
    }

    /// CGI 278 (20 %), 278 bis and 279 (10 %), 278-0 bis (5.5 %), 281 quater and what follows it (2.1 %).
    private static let mainland = [2_000, 1_000, 550, 210, 0].map { BasisPoints($0) }
    /// CGI 297.
    private static let corsica = [1_300, 1_000, 210, 90].map { BasisPoints($0) }
    /// Guadeloupe, Martinique and Réunion (CGI 296; 281 quater for the lowest).
    private static let overseas = [850, 210, 175, 105].map { BasisPoints($0) }

    /// France and its overseas departments, as addresses may call them; nobody owes VAT in the last two (CGI 294).
    static let countries: Set = ["FR", "GP", "MQ", "RE", "GF", "YT"]

    /// The rate that somebody meant who gave percents for hundredths of one, or of a file 0,20 for 20,00.
    package static func meant(by rate: BasisPoints) -> BasisPoints? {
        let meant = BasisPoints(rate.value * 100)
        return rates.contains(rate) || !rates.contains(meant) ? nil : meant
    }
}
