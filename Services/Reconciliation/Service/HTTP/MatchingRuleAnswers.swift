import PaymentModel
import ReconciliationDomain

/// A matching rule as the API shows it and as it is kept (REC-5).
struct MatchingRuleAnswer: Codable, Sendable {
    struct Tolerance: Codable, Sendable {
        let most: Money
        let account: String
        let reason: String
    }

    let name: String
    let provider: Provider?
    let referencePrefix: String?
    let words: [String]
    let iban: String?
    let amountMin: Money?
    let amountMax: Money?
    let daysMin: Int
    let daysMax: Int
    let tolerance: Tolerance?

    init(_ rule: MatchingRule) {
        name = rule.name
        provider = rule.payout.provider
        referencePrefix = rule.payout.referencePrefix
        words = rule.line.words
        iban = rule.line.iban
        amountMin = rule.line.least
        amountMax = rule.line.most
        daysMin = rule.days.lowerBound
        daysMax = rule.days.upperBound
        tolerance = rule.tolerance.map {
            Tolerance(most: $0.most, account: $0.difference.account.number, reason: $0.difference.reason)
        }
    }

    func rule() throws -> MatchingRule {
        MatchingRule(
            name: name,
            line: MatchingRule.LineCondition(words: words, iban: iban, least: amountMin, most: amountMax),
            payout: MatchingRule.PayoutCondition(provider: provider, referencePrefix: referencePrefix),
            days: daysMin...max(daysMin, daysMax),
            tolerance: try tolerance.map { tolerance in
                MatchingRule.Tolerance(
                    most: tolerance.most,
                    difference: Difference(account: try Account(known: tolerance.account), reason: tolerance.reason))
            })
    }
}

/// The rules of an organisation, in the order in which they are asked.
struct MatchingRulesAnswer: Codable, Sendable {
    let items: [MatchingRuleAnswer]
    /// What saving them has pointed.
    let payoutsPointed: Int

    init(_ rules: MatchingRules, payoutsPointed: Int = 0) {
        items = rules.rules.map(MatchingRuleAnswer.init)
        self.payoutsPointed = payoutsPointed
    }
}

/// What rules would match, and what would be left; nothing was changed.
struct TriedMatchesAnswer: Codable, Sendable {
    struct Match: Codable, Sendable {
        let payoutID: PayoutID
        let payoutReference: String
        let bankLine: ExplanationAnswer.BankLine
        let rule: String
        let because: [Sentence]
        /// What the bank received more (or less).
        let difference: Money
        /// The account that would take it.
        let account: String?

        init(_ match: PayoutMatch) throws {
            payoutID = match.payout.id
            payoutReference = match.payout.reference
            bankLine = ExplanationAnswer.BankLine(match.bankLine)
            rule = match.rule.rawValue
            because = try match.reasons()
            difference = try match.difference()
            account =
                difference.isZero
                ? nil : (try match.ground.difference(of: difference)?.account ?? .suspense).number
        }
    }

    let items: [Match]
    let payoutsLeft: Int
    let bankLinesLeft: Int
}
