package import PaymentModel

/// How an organisation's bank names payouts, where neither reference nor provider's name says it (REC-5).
package struct MatchingRule: Hashable, Sendable {
    /// What a payout and its bank line may differ by, why, and the account that takes it (C-25).
    package struct Tolerance: Hashable, Sendable {
        package let most: Money
        package let difference: Difference

        package init(most: Money, difference: Difference) {
            self.most = most
            self.difference = difference
        }

        package func takes(_ amount: Money) throws(MoneyError) -> Bool {
            let size = amount.isNegative ? try amount.negated() : amount
            return try !most.isLess(than: size)
        }
    }

    /// What a bank line must be.
    package struct LineCondition: Hashable, Sendable {
        /// All of them are in the bank's text, in whole words.
        package let words: [String]
        /// The account it is on.
        package let iban: String?
        package let least: Money?
        package let most: Money?
        /// The words as they are looked for in each text.
        let runs: [ReferenceWords]

        package init(words: [String], iban: String?, least: Money?, most: Money?) {
            self.words = words
            runs = words.map { ReferenceWords($0) }
            self.iban = iban
            self.least = least
            self.most = most
        }
    }

    /// What a payout must be.
    package struct PayoutCondition: Hashable, Sendable {
        package let provider: Provider?
        package let referencePrefix: String?

        package init(provider: Provider?, referencePrefix: String?) {
            self.provider = provider
            self.referencePrefix = referencePrefix
        }
    }

    package let name: String
    package let line: LineCondition
    package let payout: PayoutCondition
    /// Days from the payout's date to the bank's.
    package let days: ClosedRange<Int>
    package let tolerance: Tolerance?

    package init(
        name: String, line: LineCondition, payout: PayoutCondition, days: ClosedRange<Int>, tolerance: Tolerance?
    ) {
        self.name = name
        self.line = line
        self.payout = payout
        self.days = days
        self.tolerance = tolerance
    }
}

/// The rules of an organisation, in the order in which they are asked.
package struct MatchingRules: Hashable, Sendable {
    package enum Rejection: Error, Hashable, Sendable {
        case nameTwice(String)
        /// It would fit any line.
        case noCondition(String)
        case account(Account, of: String)
        case amounts(String)
    }

    /// What takes a difference nobody is asked about.
    package static let accounts: [Account] = [.commissions, .shortages, .surpluses, .suspense]

    package let rules: [MatchingRule]

    package init(_ rules: [MatchingRule]) throws(Rejection) {
        var names: Set<String> = []
        for rule in rules {
            guard names.insert(rule.name).inserted else { throw .nameTwice(rule.name) }
            let words = rule.line.runs.flatMap(\.words)
            guard !words.isEmpty || rule.line.iban != nil else { throw .noCondition(rule.name) }
            if let account = rule.tolerance?.difference.account, !MatchingRules.accounts.contains(account) {
                throw .account(account, of: rule.name)
            }
            if let least = rule.line.least, let most = rule.line.most,
                least.currency != most.currency || least.minorUnits > most.minorUnits
            {
                throw .amounts(rule.name)
            }
        }
        self.rules = rules
    }

    private init() { rules = [] }

    package static let none = MatchingRules()
}

// MARK: What fits

extension MatchingRule {
    /// Pairs the rule takes for each other, whoever else they fit.
    func candidates(
        _ payouts: [PendingPayout], _ lines: [ReadLine], refusing refused: Set<RefusedPair>
    ) -> [Candidate] {
        let shelves = Dictionary(grouping: payouts.filter(fits), by: \.amount.currency).mapValues { payouts in
            payouts.sorted { ($0.amount.minorUnits, $0.id) < ($1.amount.minorUnits, $1.id) }
        }
        return lines.filter(fits).flatMap { line -> [Candidate] in
            let payouts = shelves[line.line.amount.currency] ?? []
            return near(line.line.amount, in: payouts).filter { payout in
                days.contains(line.line.bookedOn.daysSince1970 - payout.paidOn.daysSince1970)
                    && !refused.contains(RefusedPair(payout: payout.id, bankLine: line.line.id))
            }.map { Candidate(payout: $0, line: line.line) }.filter(\.isOfOneSide)
        }
    }

    private func fits(_ payout: PendingPayout) -> Bool {
        (self.payout.provider == nil || self.payout.provider == payout.provider)
            && payout.reference.hasPrefix(self.payout.referencePrefix ?? "")
    }

    /// Words last: they are looked for in every line that the rest fits.
    func fits(_ line: ReadLine) -> Bool {
        let amount = line.line.amount
        return (self.line.iban == nil || self.line.iban == line.line.iban)
            && isWithin(amount, self.line.least) { $0 >= $1 } && isWithin(amount, self.line.most) { $0 <= $1 }
            && self.line.runs.allSatisfy { line.words.hasRun($0) }
    }

    private func isWithin(_ amount: Money, _ limit: Money?, _ holds: (Int64, Int64) -> Bool) -> Bool {
        guard let limit else { return true }
        return limit.currency == amount.currency && holds(amount.minorUnits, limit.minorUnits)
    }

    /// Payouts of about this amount, of payouts in the order of amounts.
    private func near(_ amount: Money, in payouts: [PendingPayout]) -> ArraySlice<PendingPayout> {
        let most = tolerance?.most.currency == amount.currency ? tolerance?.most.minorUnits ?? 0 : 0
        let (least, isLow) = amount.minorUnits.subtractingReportingOverflow(most)
        let (greatest, isHigh) = amount.minorUnits.addingReportingOverflow(most)
        let from = payouts.firstPlace { $0.amount.minorUnits >= (isLow ? .min : least) }
        let to = payouts.firstPlace { $0.amount.minorUnits > (isHigh ? .max : greatest) }
        return payouts[from..<max(from, to)]
    }
}

extension ReferenceWords {
    /// Whether the words stand there one after the other.
    func hasRun(_ run: ReferenceWords) -> Bool {
        guard let key = run.key(at: 0, count: run.words.count), !run.words.isEmpty else { return true }
        return words.indices.contains { self.key(at: $0, count: run.words.count) == key }
    }
}
