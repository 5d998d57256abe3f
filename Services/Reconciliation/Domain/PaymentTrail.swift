package import PaymentModel

/// Where the money of one payment is, leg by leg, and what of it is not at the bank (REC-5).
///
/// What is expected is what has arrived, what remains and what was charged beyond the payment's own fee.
package struct PaymentTrail: Hashable, Sendable {
    /// What moves money between the provider and the bank; each may be settled in a payout of its own.
    package enum Leg: String, Hashable, Sendable, CaseIterable {
        /// What was paid, less the fee.
        case payment
        /// What was given back, less what came back of it.
        case refund
        /// What is withheld of disputes.
        case dispute
        /// What the provider takes or gives of its own accord.
        case other
    }

    /// Why there is a remainder, or none.
    package enum Remainder: String, Hashable, Sendable, CaseIterable {
        /// Nothing is open: it is at the bank to the cent.
        case none
        /// The provider has not settled it yet.
        case notSettled = "not-settled"
        /// The provider says it is on its way to the bank.
        case underWay = "under-way"
        /// The provider settled another sum than was expected; a discrepancy says why.
        case settledOtherwise = "settled-otherwise"
        /// Its payout was pointed without a bank line; another account has taken it.
        case withoutBankLine = "without-a-bank-line"
    }

    /// A provider's line about the payment.
    package struct Told: Hashable, Sendable {
        package let line: SettlementLine
        /// Whether the payout it is in was pointed by more than the provider's word.
        package let hasArrived: Bool
        /// A person said that it came otherwise than to the bank: set off against a claim, for example.
        package let isWithoutBankLine: Bool

        package init(_ line: SettlementLine, hasArrived: Bool, isWithoutBankLine: Bool = false) {
            self.line = line
            self.hasArrived = hasArrived
            self.isWithoutBankLine = isWithoutBankLine
        }
    }

    /// What of a leg is not at the bank; below nothing where it will be taken from a payout.
    package struct Open: Hashable, Sendable {
        package let leg: Leg
        package let because: Remainder
        package let amount: Money
    }

    /// What should arrive.
    package let expected: Money
    /// What the provider's lines about it come to.
    package let settled: Money
    /// What of them is at the bank.
    package let arrived: Money
    /// What the lines keep beyond the payment's fee, for refunds, disputes or of the provider's own accord; below
    /// nothing where more is given back.
    package let charged: Money
    /// By leg, each with its name.
    package let open: [Open]
    /// The sum of what is open.
    package let remainder: Money
    /// Of what is open, the name that asks for most; something may be open where the sum is nothing.
    package let because: Remainder

    package init(of expected: ExpectedSettlement, by all: [Told]) throws(MoneyError) {
        let currency = expected.amount.currency
        // A line of another currency settles nothing of it; a discrepancy names it.
        let told = all.filter { $0.line.gross.currency == currency }
        var (open, charged) = ([Open](), Money.zero(currency))
        for leg in Leg.allCases {
            let lines = told.filter { $0.line.kind.leg == leg }
            let isStrange = lines.isEmpty && all.contains { $0.line.kind.leg == leg }
            let missing = try Self.missing(of: leg, expected, lines)
            if !missing.isZero {
                let reason = try Self.reason(for: missing, of: leg, expected, isUntold: lines.isEmpty && !isStrange)
                open.append(Open(leg: leg, because: reason, amount: missing))
            }
            for (reason, part) in [
                (Remainder.underWay, lines.filter { !$0.hasArrived }),
                (Remainder.withoutBankLine, lines.filter { $0.hasArrived && $0.isWithoutBankLine }),
            ] {
                let amount = try Self.net(part, in: currency)
                if !amount.isZero { open.append(Open(leg: leg, because: reason, amount: amount)) }
            }
            charged = try charged.adding(Self.charge(of: leg, lines, in: currency))
        }
        self.expected = try expected.net()
        settled = try Self.net(told, in: currency)
        arrived = try Self.net(told.filter { $0.hasArrived && !$0.isWithoutBankLine }, in: currency)
        self.charged = charged
        self.open = open
        remainder = try Money.sum(open.map(\.amount), in: currency)
        because =
            [Remainder.settledOtherwise, .notSettled, .underWay, .withoutBankLine].first { reason in
                open.contains { $0.because == reason }
            } ?? Remainder.none
    }

    /// What no line of the leg has settled yet.
    private static func missing(
        of leg: Leg, _ expected: ExpectedSettlement, _ lines: [Told]
    ) throws(MoneyError) -> Money {
        let currency = expected.amount.currency
        let gross = try Money.sum(lines.map(\.line.gross), in: currency)
        switch leg {
        case .payment:
            return try expected.amount.subtracting(expected.fee).subtracting(expected.feeVAT)
                .subtracting(net(lines, in: currency))
        // What a refund or a dispute costs is told by its line alone.
        case .refund: return try expected.refunded.adding(gross).negated()
        case .dispute: return try expected.withheld.adding(gross).negated()
        case .other: return .zero(currency)
        }
    }

    private static func reason(
        for missing: Money, of leg: Leg, _ expected: ExpectedSettlement, isUntold: Bool
    ) throws(MoneyError) -> Remainder {
        guard !isUntold else { return .notSettled }
        // A refund the provider has yet to take, or one that came back and it has yet to return.
        if leg == .refund, try !expected.returned.isLess(than: missing) { return .notSettled }
        return .settledOtherwise
    }

    private static func charge(
        of leg: Leg, _ lines: [Told], in currency: Currency
    ) throws(MoneyError) -> Money {
        switch leg {
        case .payment: return .zero(currency)
        case .refund, .dispute: return try Money.sum(lines.map(\.line.fee), in: currency)
        case .other: return try net(lines, in: currency).negated()
        }
    }

    private static func net(_ lines: [Told], in currency: Currency) throws(MoneyError) -> Money {
        var nets: [Money] = []
        for told in lines { nets.append(try told.line.net()) }
        return try Money.sum(nets, in: currency)
    }
}

extension SettlementLine.Kind {
    fileprivate var leg: PaymentTrail.Leg {
        switch self {
        case .payment: .payment
        case .refund: .refund
        case .dispute: .dispute
        case .fee, .adjustment, .carried: .other
        }
    }
}
