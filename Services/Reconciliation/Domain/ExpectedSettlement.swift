package import PaymentModel

/// What a provider owes us for one payment, from the events of the payment (REC-1, REC-6).
package struct ExpectedSettlement: Hashable, Sendable {
    package let payment: PaymentID
    package let amount: Money
    package let refunded: Money
    /// Of what was once counted as given back: it came back from the client's bank.
    package let returned: Money
    /// Of disputes that are open or lost.
    package let withheld: Money
    package let fee: Money
    package let feeVAT: Money

    package init(
        payment: PaymentID, amount: Money, refunded: Money, returned: Money? = nil, withheld: Money? = nil, fee: Money,
        feeVAT: Money
    ) {
        self.payment = payment
        self.amount = amount
        self.refunded = refunded
        self.returned = returned ?? .zero(amount.currency)
        self.withheld = withheld ?? .zero(amount.currency)
        self.fee = fee
        self.feeVAT = feeVAT
    }

    /// What should arrive at the bank in the end.
    package func net() throws(MoneyError) -> Money {
        try amount.subtracting(refunded).subtracting(withheld).subtracting(fee).subtracting(feeVAT)
    }

    /// Whether the bank should have it by now; what was given back or withheld whole is never late (REC-6).
    package func isLate(expectedOn: LocalDate, on today: LocalDate) throws(MoneyError) -> Bool {
        guard expectedOn < today else { return false }
        return try net().isPositive
    }

    /// What the payment costs as its event told it.
    package var toldFee: KeptFee { KeptFee(fee: fee, vat: feeVAT) }

    /// The line that settles the payment: the first by its reference; another of the kind is there twice.
    package func settling(_ lines: [SettlementLine]) -> SettlementLine? {
        lines.filter { $0.kind == .payment && $0.gross.currency == amount.currency }
            .min { $0.reference < $1.reference }
    }

    /// Whether a line keeps something else of the payment than its event told.
    package func keepsOther(by line: SettlementLine) throws(MoneyError) -> Bool {
        let told = try fee.adding(feeVAT)
        return line.fee != told || (line.feeVAT ?? feeVAT) != feeVAT
    }

    /// What a line keeps of the payment: by its own word on the VAT; without one there is none where the provider
    /// charges none, and else it is in proportion.
    package func kept(by line: SettlementLine, taxed treatment: FeeTax.Treatment) throws -> KeptFee {
        if let vat = line.feeVAT { return KeptFee(fee: try line.fee.subtracting(vat), vat: vat) }
        guard try keepsOther(by: line) else { return toldFee }
        // Of a payment that cost nothing there is no proportion.
        guard treatment == .charged, try fee.adding(feeVAT).isPositive else {
            return KeptFee(fee: line.fee, vat: .zero(line.fee.currency))
        }
        let parts = try Instalments.split(line.fee, inProportionTo: [fee.minorUnits, feeVAT.minorUnits])
        return KeptFee(fee: parts[0], vat: parts[1])
    }

    /// What is wrong with the provider's lines about this payment, by the reference of the line.
    ///
    /// All lines of a payment are looked at together and in the order of their references, so the answer does not
    /// depend on which report came first.
    package func discrepancies(with lines: [SettlementLine]) throws(MoneyError) -> [String: DiscrepancyKind] {
        let lines = lines.sorted { $0.reference < $1.reference }
        var found: [String: DiscrepancyKind] = [:]
        var isSettled = false
        for line in lines where line.kind == .payment {
            found[line.reference] = try isSettled ? .duplicate : difference(to: line)
            isSettled = true
        }
        for line in lines where line.gross.currency != amount.currency {
            if line.kind == .refund || line.kind == .dispute { found[line.reference] = .amount }
        }
        let known = lines.filter { $0.gross.currency == amount.currency }
        for reference in try refundsTooMany(known.filter { $0.kind == .refund }).keys { found[reference] = .amount }
        let disputed = known.filter { $0.kind == .dispute }
        // What is withheld by the events' word and by the provider's is the same, or somebody has to look.
        guard try Money.sum(disputed.map(\.gross), in: amount.currency) != withheld.negated() else { return found }
        for line in disputed { found[line.reference] = .dispute }
        return found
    }

    /// By how much a line is wrong: what it gave more than was told, below zero what it took more.
    ///
    /// Of a fee it is what was kept more; what nothing was told of is wrong as a whole.
    package func difference(
        in line: SettlementLine, _ kind: DiscrepancyKind, among lines: [SettlementLine]
    ) throws(MoneyError) -> Money {
        guard line.gross.currency == amount.currency else { return line.gross }
        if kind == .fee { return try line.fee.subtracting(fee).subtracting(feeVAT) }
        guard kind == .amount else { return line.gross }
        if line.kind == .payment { return try line.gross.subtracting(amount) }
        let refunds = lines.filter { $0.kind == .refund && $0.gross.currency == amount.currency }
            .sorted { $0.reference < $1.reference }
        guard let tooMuch = try refundsTooMany(refunds)[line.reference] else { return line.gross }
        return try tooMuch.negated()
    }

    /// The lines by which more was given back than the events tell of, and how much more.
    ///
    /// What came back is counted first: the provider gives it back with a line of its own, maybe in a later report.
    private func refundsTooMany(_ refunds: [SettlementLine]) throws(MoneyError) -> [String: Money] {
        let back = refunds.filter { $0.gross.isPositive }
        let missing = try returned.subtracting(Money.sum(back.map(\.gross), in: amount.currency))
        let allowed = try missing.isPositive ? refunded.adding(missing) : refunded
        var (tooMany, givenBack) = ([String: Money](), Money.zero(amount.currency))
        for line in back + refunds.filter({ !$0.gross.isPositive }) {
            givenBack = try givenBack.subtracting(line.gross)
            let (tooMuch, whole) = (try givenBack.subtracting(allowed), try line.gross.negated())
            if tooMuch.isPositive { tooMany[line.reference] = try whole.isLess(than: tooMuch) ? whole : tooMuch }
        }
        return tooMany
    }

    private func difference(to line: SettlementLine) throws(MoneyError) -> DiscrepancyKind? {
        if line.gross != amount { return .amount }
        return line.fee == (try fee.adding(feeVAT)) ? nil : .fee
    }
}

/// What a provider keeps of a payment.
package struct KeptFee: Hashable, Sendable {
    package let fee: Money
    package let vat: Money

    package init(fee: Money, vat: Money) {
        self.fee = fee
        self.vat = vat
    }
}
