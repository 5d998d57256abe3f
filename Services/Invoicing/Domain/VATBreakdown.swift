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
    /// The amount is divided over the rates in proportion to what earlier parts left of each, VAT included, and each
    /// rate's VAT is that of its own base; all parts together never are more of a rate than was billed. `rest` is what
    /// the part goes back to, as what is credited of a deposit does to what its quote has left.
    package func part(
        of amount: Money, without earlier: [VATShare] = [], backTo rest: [VATShare] = []
    ) throws -> VATBreakdown {
        let left = try shares.less(earlier)
        let amounts = try Instalments.split(
            amount, inProportionTo: left.map { $0.base.minorUnits + $0.vat.minorUnits })
        let parts = zip(left, amounts).map { share, amount in
            share.part(of: amount, backTo: rest.first { $0.rate == share.rate })
        }
        return try VATBreakdown(parts, in: amount.currency)
    }
}

extension VATShare {
    /// The part that `amount`, which is not negative and at most base and VAT together, stands for.
    ///
    /// VAT is rate / (1 + rate) of the amount, half up: that is the rounded VAT of the base (EN 16931, BR-CO-17)
    /// wherever a base makes the amount, and a cent from it where none does. It is a cent from it also where what is
    /// left, or the rest that the part goes back to, would else be more than a cent from its own: then all of them bear
    /// the same of that, as nearly as whole cents can, so that rounding does not pile up in the last part.
    func part(of amount: Money, backTo rest: VATShare?) -> VATShare {
        let own = part(of: amount, exceeding: 0)
        let left = (excess - own.excess).magnitude
        let returned = rest.map { ($0.excess + own.excess).magnitude } ?? 0
        guard max(left, returned) > 10_000 else { return own }
        // Of x, excess - x and rest + x together the squares are least so.
        return part(of: amount, exceeding: rest.map { (excess - $0.excess) / 3 } ?? excess / 2)
    }

    /// By how much the VAT is more than rate × base, in ten-thousandths of a minor unit.
    private var excess: Int128 { Int128(vat.minorUnits) * 10_000 - Int128(base.minorUnits) * Int128(rate.value) }

    /// Of the two whole cents round the VAT in the amount the one that is nearer to such an excess, half up.
    private func part(of amount: Money, exceeding wish: Int128) -> VATShare {
        let whole = Int128(10_000 + rate.value)
        let exact = (Int128(amount.minorUnits) * Int128(rate.value)).quotientAndRemainder(dividingBy: whole)
        // Cut down the excess is minus the remainder; a cent more is a whole more.
        let isUp = exact.remainder > 0 && 2 * (exact.remainder + wish) >= whole
        let fair = Int64(exact.quotient) + (isUp ? 1 : 0)
        // Neither base nor VAT is more than there is of it.
        let taken = min(max(fair, 0, amount.minorUnits - base.minorUnits), vat.minorUnits, amount.minorUnits)
        return VATShare(
            rate: rate, base: Money(amount.minorUnits - taken, amount.currency), vat: Money(taken, amount.currency))
    }
}
