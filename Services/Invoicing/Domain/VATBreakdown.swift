package import PaymentModel

/// What one VAT rate contributes to a document.
package struct VATShare: Hashable, Sendable {
    package let rate: BasisPoints
    package let base: Money
    package let vat: Money

    package init(rate: BasisPoints, base: Money, vat: Money) {
        self.rate = rate
        self.base = base
        self.vat = vat
    }
}

/// A document's VAT by rate, computed once on the sum of each rate's lines (EN 16931, BR-S-9).
package struct VATBreakdown: Hashable, Sendable {
    /// One share for each rate, the highest rate first.
    package let shares: [VATShare]
    package let net: Money
    package let vat: Money
    package let total: Money

    /// `discount` is off the sum of the lines; each rate bears its part, exact to the cent.
    package init(of lines: [InvoiceLine], discount: Discount? = nil, in currency: Currency) throws {
        var bases: [BasisPoints: Money] = [:]
        for line in lines {
            let base = bases[line.vatRate] ?? .zero(currency)
            bases[line.vatRate] = try base.adding(line.net(in: currency))
        }
        let sorted = bases.sorted { $0.key > $1.key }
        let nets = try VATBreakdown.nets(of: sorted.map(\.value), less: discount, in: currency)
        var shares: [VATShare] = []
        for (rate, base) in zip(sorted.map(\.key), nets) {
            shares.append(VATShare(rate: rate, base: base, vat: try base.share(rate)))
        }
        try self.init(shares, in: currency)
    }

    private static func nets(of bases: [Money], less discount: Discount?, in currency: Currency) throws -> [Money] {
        let sum = try Money.sum(bases, in: currency)
        guard let discount, sum.isPositive else { return bases }
        let parts = try Instalments.split(discount.off(sum), inProportionTo: bases.map(\.minorUnits))
        return try zip(bases, parts).map { base, part in try base.subtracting(part) }
    }

    package init(_ shares: [VATShare], in currency: Currency) throws(MoneyError) {
        self.shares = shares
        net = try Money.sum(shares.map(\.base), in: currency)
        vat = try Money.sum(shares.map(\.vat), in: currency)
        total = try net.adding(vat)
    }

    /// The part of this breakdown that `amount` (including VAT) stands for, exact to the cent.
    ///
    /// A credit note of a part of an invoice gives back base and VAT of each rate in the proportions of what earlier
    /// ones left, so that all of them together never give back more of a rate than was billed.
    package func part(of amount: Money, without earlier: [VATShare] = []) throws -> VATBreakdown {
        let weights = shares.flatMap { share in
            let given = earlier.first { $0.rate == share.rate }
            return [
                share.base.minorUnits - (given?.base.minorUnits ?? 0),
                share.vat.minorUnits - (given?.vat.minorUnits ?? 0),
            ]
        }
        let amounts = try Instalments.split(amount, inProportionTo: weights)
        let parts = shares.enumerated().map { index, share in
            VATShare(rate: share.rate, base: amounts[2 * index], vat: amounts[2 * index + 1])
        }
        return try VATBreakdown(parts, in: amount.currency)
    }
}
