import PaymentModel

/// What a document bills at one rate and in one VAT category (EN 16931, BG-23).
package struct VATGroup: Hashable, Sendable {
    package let share: VATShare
    /// Whether it bears no VAT for a reason that is said.
    package let isExempt: Bool
}

/// What of a document's lines without VAT says why it bears none, and what does not.
struct Exemptions {
    /// Their sums; nil where there is no such line.
    private let exempt: Int64?
    private let other: Int64?

    init(of lines: [InvoiceLine], in currency: Currency, soldBy scheme: Seller.VATScheme?) throws(MoneyError) {
        var (exempt, other): (Int64?, Int64?) = (nil, nil)
        for line in lines where line.vatRate.value == 0 {
            let net = try line.net(in: currency).minorUnits
            if line.isExempt(soldBy: scheme) {
                exempt = (exempt ?? 0) + net
            } else {
                other = (other ?? 0) + net
            }
        }
        self.exempt = exempt
        self.other = other
    }

    /// A part of what the lines of one rate are, such as a discount or a deposit, by what it is a part of.
    func split(_ amount: Money, at rate: BasisPoints) throws(InstalmentError) -> [(amount: Money, isExempt: Bool)] {
        guard rate.value == 0, let exempt else { return [(amount: amount, isExempt: false)] }
        guard let other, exempt + other > 0 else { return [(amount: amount, isExempt: true)] }
        let parts = try Instalments.split(amount, inProportionTo: [exempt, other])
        let both = [(amount: parts[0], isExempt: true), (amount: parts[1], isExempt: false)]
        return both.filter { !$0.amount.isZero }
    }

    func groups(of share: VATShare) throws(InstalmentError) -> [VATGroup] {
        let parts = try split(share.base, at: share.rate)
        // Only what bears no VAT is split.
        return parts.map { part in
            VATGroup(share: VATShare(rate: share.rate, base: part.amount, vat: share.vat), isExempt: part.isExempt)
        }
    }
}

extension InvoiceLine {
    /// Whether it bears no VAT for a reason that is said: its own, or its seller's.
    func isExempt(soldBy scheme: Seller.VATScheme?) -> Bool {
        vatRate.value == 0 && (exemption != nil || scheme == .exempt)
    }
}

extension [InvoiceLine] {
    /// Why they bear no VAT, each reason once.
    var exemptions: [String] {
        reduce(into: [String]()) { found, line in
            if let text = line.exemption, !found.contains(text) { found.append(text) }
        }
    }
}

extension IssuedDocument {
    /// What it bills by rate and category: without VAT these are two where only a part says why.
    package var vatGroups: [VATGroup] { vat.shares.flatMap { groups(of: $0) } }

    private func groups(of share: VATShare) -> [VATGroup] {
        let lines = lines.filter { $0.rate == share.rate }
        let exempt = lines.filter(\.isExempt)
        guard !exempt.isEmpty, exempt.count < lines.count else {
            let isUsual = lines.isEmpty && share.rate.value == 0 && seller.vatScheme == .exempt
            return [VATGroup(share: share, isExempt: !exempt.isEmpty || isUsual)]
        }
        let off = allowances.filter { $0.rate == share.rate && $0.isExempt }.reduce(0) { $0 + $1.amount.minorUnits }
        let base = exempt.reduce(0) { $0 + $1.net.minorUnits } - off
        let bases = [(base, true), (share.base.minorUnits - base, false)]
        return bases.map { base, isExempt in
            VATGroup(
                share: VATShare(rate: share.rate, base: Money(base, currency), vat: share.vat), isExempt: isExempt)
        }
    }
}
