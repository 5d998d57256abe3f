import PaymentModel

/// What matching has pointed itself and may point otherwise: no person and no closed period holds it.
package struct StandingMatches: Sendable {
    /// Payouts and bank lines that matching has joined.
    package struct Joint: Hashable, Sendable {
        package let id: JointPointingID
        package let payouts: [PendingPayout]
        package let bankLines: [PendingBankLine]

        package init(id: JointPointingID, payouts: [PendingPayout], bankLines: [PendingBankLine]) {
            self.id = id
            self.payouts = payouts.sorted { $0.id < $1.id }
            self.bankLines = bankLines.sorted { $0.id < $1.id }
        }
    }

    package let matches: [PayoutMatch]
    package let joints: [Joint]

    package init(matches: [PayoutMatch], joints: [Joint]) {
        self.matches = matches
        self.joints = joints
    }

    package static let none = StandingMatches(matches: [], joints: [])

    package var isEmpty: Bool { matches.isEmpty && joints.isEmpty }
    package var payouts: [PendingPayout] { matches.map(\.payout) + joints.flatMap(\.payouts) }
    package var bankLines: [PendingBankLine] { matches.map(\.bankLine) + joints.flatMap(\.bankLines) }
}

/// Matching over all that nobody holds, be it pointed already or not (REC-5).
///
/// What was pointed first has no claim to stay: the answer is that of the pieces as a set, whatever order they came in.
/// A pair stands or falls with the pieces that fit one of the two, so what comes later changes little.
package struct Rematching: Sendable {
    /// What is to be done, and what is left.
    package struct Outcome: Sendable {
        /// What stood and does so no more.
        package let ended: StandingMatches
        package let matches: [PayoutMatch]
        package let joints: [JointPointing]
        package let payoutsLeft: [PendingPayout]
        package let bankLinesLeft: [PendingBankLine]
        /// Of all that was looked at, not of what is left alone.
        let references: PayoutReferences
    }

    private let matching: PayoutMatching
    private let joining: JointMatching

    package init(_ matching: PayoutMatching, _ joining: JointMatching) {
        self.matching = matching
        self.joining = joining
    }

    /// `payouts` and `lines` are those that nothing is pointed to, `held` are references of payouts that a person or
    /// closed books hold.
    package func run(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], besides standing: StandingMatches,
        refusing refused: Set<RefusedPair> = [], by rules: MatchingRules = .none, knowing held: [String] = []
    ) -> Outcome {
        let references = Dictionary(grouping: held) { ReferenceWords($0).key ?? "" }
        let wordsMax = held.map { ReferenceWords($0).words.count }.max() ?? 0
        return run(
            payouts, read: lines.map(ReadLine.init), besides: standing, refusing: refused, by: rules,
            wordsMax: wordsMax
        ) { words in words.flatMap { references[$0] ?? [] } }
    }

    /// The same of lines whose words were read before.
    ///
    /// A text that has the reference of a held payout names that one, and none whose reference is a part of it. `told`
    /// says which of some words are a reference, whoever holds its payout; none has more words than `wordsMax`.
    package func run(
        _ payouts: [PendingPayout], read lines: [ReadLine], besides standing: StandingMatches,
        refusing refused: Set<RefusedPair>, by rules: MatchingRules, wordsMax: Int,
        told: (Set<String>) throws -> [String]
    ) rethrows -> Outcome {
        let (payouts, lines) = (payouts + standing.payouts, lines + standing.bankLines.map(ReadLine.init))
        var references = PayoutReferences(payouts)
        let longer = lines.reduce(into: Set<String>()) { found, line in
            found.formUnion(references.longer(in: line.words, wordsMax: wordsMax))
        }
        references.hold(try told(longer))
        let matches = matching.matches(payouts, read: lines, references, refusing: refused, by: rules)
        let left = payouts.without(matches.map(\.payout.id), \.id)
        let over = lines.without(matches.map(\.bankLine.id), \.line.id)
        let joints = joining.matches(left, read: over, references, refusing: refused)
        let stood = Set(standing.matches.map { Pieces($0) }).union(standing.joints.map { Pieces($0) })
        let found = Set(matches.map { Pieces($0) }).union(joints.map { Pieces($0) })
        return Outcome(
            ended: StandingMatches(
                matches: standing.matches.filter { !found.contains(Pieces($0)) },
                joints: standing.joints.filter { !found.contains(Pieces($0)) }),
            matches: matches.filter { !stood.contains(Pieces($0)) },
            joints: joints.filter { !stood.contains(Pieces($0)) },
            payoutsLeft: left.without(joints.flatMap { $0.payouts.map(\.id) }, \.id),
            bankLinesLeft: over.map(\.line).without(joints.flatMap { $0.bankLines.map(\.id) }, \.id),
            references: references)
    }

    /// What makes two pointings the same.
    private struct Pieces: Hashable {
        let payouts: [PendingPayout]
        let bankLines: [PendingBankLine]
        /// Of two; what is joined has but one.
        var ground: MatchGround?

        init(_ match: PayoutMatch) {
            (payouts, bankLines) = ([match.payout], [match.bankLine])
            ground = match.ground
        }

        init(_ joint: StandingMatches.Joint) { (payouts, bankLines) = (joint.payouts, joint.bankLines) }

        init(_ joint: JointPointing) { (payouts, bankLines) = (joint.payouts, joint.bankLines) }
    }
}

extension Array {
    fileprivate func without<ID: Hashable>(_ ids: [ID], _ id: (Element) -> ID) -> [Element] {
        let ids = Set(ids)
        return filter { !ids.contains(id($0)) }
    }
}
