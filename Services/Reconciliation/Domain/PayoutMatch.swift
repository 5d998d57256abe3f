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
    /// The account it is on.
    package let iban: String

    package init(id: BankLineID, amount: Money, bookedOn: LocalDate, text: String, iban: String = "") {
        self.id = id
        self.amount = amount
        self.bookedOn = bookedOn
        self.text = text
        self.iban = iban
    }
}

/// A payout and a bank line that a person took apart.
package struct RefusedPair: Hashable, Sendable {
    package let payout: PayoutID
    package let bankLine: BankLineID

    package init(payout: PayoutID, bankLine: BankLineID) {
        self.payout = payout
        self.bankLine = bankLine
    }
}

/// A payout and the bank line that is it, with the rule that says so.
package struct PayoutMatch: Hashable, Sendable {
    /// Why the two belong together, strongest first.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case byHand = "by-hand"
        case reference, amountAndDate = "amount-and-date"
        /// A rule of the organisation's own.
        case organisationRule = "organisation-rule"
        /// One set of payouts, and no other, has the amount.
        case sum
        /// It comes to nothing, so no bank line is looked for.
        case nothing
        /// The provider says that it paid it; its bank line has not been seen yet.
        case provider
    }

    /// Why one that comes to nothing needs no bank line.
    package static let nothingReason: Sentence = "It comes to nothing, so no transfer is made of it."

    /// Why one is pointed that the bank does not show yet.
    package static func providersWord(of day: LocalDate) -> [Sentence] {
        ["The provider says that it paid it on \(day).", "Its bank line has not been seen yet, and nothing is booked."]
    }

    package let payout: PendingPayout
    package let bankLine: PendingBankLine
    package let ground: MatchGround
    /// How many days a transfer might be under way.
    package let windowDays: Int

    package init(payout: PendingPayout, bankLine: PendingBankLine, ground: MatchGround, windowDays: Int) {
        self.payout = payout
        self.bankLine = bankLine
        self.ground = ground
        self.windowDays = windowDays
    }

    package var rule: Rule { ground.rule }

    /// What the bank received more (or less) than the provider announced.
    package func difference() throws(MoneyError) -> Money { try bankLine.amount.subtracting(payout.amount) }

    /// A number of days in words of a sentence.
    static func words(days count: Int) -> Sentence { count == 1 ? "1 day" : "\(count) days" }

    /// Why the two are taken for each other, as sentences for whoever checks it.
    package func reasons() throws(MoneyError) -> [Sentence] { try ruleReasons + differenceReasons() }

    private var ruleReasons: [Sentence] {
        switch rule {
        case .byHand: ["A person said so."]
        case .reference: ["The bank's text has the reference \(payout.reference)."]
        case .amountAndDate:
            [
                "The amount is the same.", "The bank's text has the name \(payout.provider.rawValue).",
                "It was booked \(Self.words(days: daysUnderWay)) after the payout's date, of \(windowDays) at most.",
                "No other payout and no other bank line fit.",
            ]
        case .organisationRule:
            [
                "The rule \(ground.name ?? "") fits.",
                "It was booked \(Self.words(days: daysUnderWay)) after the payout's date.",
                "No other payout and no other bank line fit the rule.",
            ]
        case .sum: ["One set of payouts, and no other, has the amount."]
        case .nothing: [Self.nothingReason]
        case .provider: Self.providersWord(of: payout.paidOn)
        }
    }

    private func differenceReasons() throws(MoneyError) -> [Sentence] {
        let difference = try difference()
        var reasons: [Sentence] = []
        if difference.isPositive { reasons += ["The bank received \(difference) more than was announced."] }
        if difference.isNegative {
            let less = try difference.negated()
            reasons += ["The bank received \(less) less than was announced."]
        }
        if let said = try ground.difference(of: difference) {
            reasons += ["The rule takes that on \(said.account.number): \(said.reason)"]
        }
        return reasons
    }

    private var daysUnderWay: Int { bankLine.bookedOn.daysSince1970 - payout.paidOn.daysSince1970 }
}
