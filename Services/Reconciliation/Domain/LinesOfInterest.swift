import PaymentModel

/// Which bank lines could be anything of what waits: all others need not be held in memory to find what matches.
package struct LinesOfInterest: Sendable {
    private let references: PayoutReferences
    private let rules: MatchingRules
    private let providers: [String]

    package init(_ payouts: [PendingPayout], _ rules: MatchingRules) {
        references = PayoutReferences(payouts)
        self.rules = rules
        providers = Set(payouts.map(\.provider)).map { $0.rawValue.uppercased() }
    }

    /// A line that names no reference and no provider and fits no rule is in no pair, so it changes no answer.
    package func contains(_ line: ReadLine) -> Bool {
        providers.contains { line.words.contains($0) } || references.areNamed(in: line.words)
            || rules.rules.contains { $0.fits(line) }
    }
}
