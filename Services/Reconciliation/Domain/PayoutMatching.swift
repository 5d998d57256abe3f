package import PaymentModel

/// A payout that waits for its bank line.
package struct PendingPayout: Hashable, Sendable {
    package let id: PayoutID
    package let provider: Provider
    package let reference: String
    package let amount: Money
    package let paidOn: LocalDate

    package init(id: PayoutID, provider: Provider, reference: String, amount: Money, paidOn: LocalDate) {
        self.id = id
        self.provider = provider
        self.reference = reference
        self.amount = amount
        self.paidOn = paidOn
    }
}

/// A bank line that waits for its payout.
package struct PendingBankLine: Hashable, Sendable {
    package let id: BankLineID
    package let amount: Money
    package let bookedOn: LocalDate
    /// Everything the bank says about the line, searched for references and names.
    package let text: String

    package init(id: BankLineID, amount: Money, bookedOn: LocalDate, text: String) {
        self.id = id
        self.amount = amount
        self.bookedOn = bookedOn
        self.text = text
    }
}

/// A payout and the bank line that is it, with the rule that says so.
package struct PayoutMatch: Hashable, Sendable {
    /// Why the two belong together, strongest first.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case reference, amountAndDate = "amount-and-date"
    }

    package let payout: PendingPayout
    package let bankLine: PendingBankLine
    package let rule: Rule

    /// What the bank received more (or less) than the provider announced.
    package var difference: Money {
        Money(bankLine.amount.minorUnits - payout.amount.minorUnits, payout.amount.currency)
    }
}

/// Which bank line is which payout (REC-5): the same answer whatever order the pieces came in.
package struct PayoutMatching: Sendable {
    /// How many days a transfer may be under way.
    package let windowDays: Int

    package init(windowDays: Int) { self.windowDays = windowDays }

    /// A reference in the bank's text decides, whatever the amount; then amount, date and the provider's name when
    /// exactly one payout and one line fit each other.
    package func matches(_ payouts: [PendingPayout], _ lines: [PendingBankLine]) -> [PayoutMatch] {
        let payouts = payouts.sorted { $0.id < $1.id }
        let lines = lines.sorted { $0.id < $1.id }
        let named = pairs(payouts, lines, .reference) { $0.isNamed(in: $1) }
        let takenPayouts = Set(named.map(\.payout.id)), takenLines = Set(named.map(\.bankLine.id))
        let close = pairs(
            payouts.filter { !takenPayouts.contains($0.id) }, lines.filter { !takenLines.contains($0.id) },
            .amountAndDate
        ) { fits($0, $1) }
        return named + close
    }

    /// Pairs that have each other and nobody else; an ambiguity is left to a person.
    private func pairs(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], _ rule: PayoutMatch.Rule,
        _ belong: (PendingPayout, PendingBankLine) -> Bool
    ) -> [PayoutMatch] {
        var candidates: [PayoutMatch] = []
        var byPayout: [PayoutID: Int] = [:]
        var byLine: [BankLineID: Int] = [:]
        for payout in payouts {
            for line in lines where belong(payout, line) {
                candidates.append(PayoutMatch(payout: payout, bankLine: line, rule: rule))
                byPayout[payout.id, default: 0] += 1
                byLine[line.id, default: 0] += 1
            }
        }
        return candidates.filter { byPayout[$0.payout.id] == 1 && byLine[$0.bankLine.id] == 1 }
    }

    private func fits(_ payout: PendingPayout, _ line: PendingBankLine) -> Bool {
        let days = line.bookedOn.daysSince1970 - payout.paidOn.daysSince1970
        return payout.amount == line.amount && (0...windowDays).contains(days)
            && line.text.uppercased().contains(payout.provider.rawValue.uppercased())
    }
}

extension PendingPayout {
    fileprivate func isNamed(in line: PendingBankLine) -> Bool {
        !reference.isEmpty && line.amount.currency == amount.currency
            && line.text.uppercased().contains(reference.uppercased())
    }
}
