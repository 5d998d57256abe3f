import PaymentModel

/// Which payouts together are one bank line, and which bank lines together one payout (REC-5): the same answer whatever
/// order the pieces came in.
///
/// It is found only where references name the pieces and the sums are the same. Where one small set of payouts of a
/// provider, and no other, has a line's amount within the window, it is proposed to a person: a payout told of later
/// could have been a part of another set.
package struct JointMatching: Sendable {
    /// Payouts in a set that nobody names.
    static let unnamedMax = 4
    /// Payouts within the window of a line; more are too many to be sure of one set.
    static let candidatesMax = 12

    private let windowDays: Int

    /// Days between the provider's date and the bank's.
    package init(windowDays: Int) { self.windowDays = windowDays }

    /// What references say belongs together, of what single matches have left.
    package func matches(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], refusing refused: Set<RefusedPair> = []
    ) -> [JointPointing] {
        matches(payouts, read: lines.map(ReadLine.init), PayoutReferences(payouts), refusing: refused)
    }

    /// `references` has those of payouts that are matched as well: what names one of them names nothing that is left.
    func matches(
        _ payouts: [PendingPayout], read lines: [ReadLine], _ references: PayoutReferences,
        refusing refused: Set<RefusedPair>
    ) -> [JointPointing] {
        let left = Set(payouts.map(\.id))
        return joined(byName: references.naming(lines, refusing: refused).filter { left.contains($0.payout.id) })
            .sorted { $0.payouts[0].id < $1.payouts[0].id }
    }

    /// What may belong together by its sum, for a person to confirm; what names anything is never taken by its amount.
    package func proposals(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], refusing refused: Set<RefusedPair> = []
    ) -> [JointPointing] {
        proposals(payouts, lines, PayoutReferences(payouts), refusing: refused)
    }

    /// Of what matching has left.
    package func proposals(
        of found: Rematching.Outcome, refusing refused: Set<RefusedPair> = []
    ) -> [JointPointing] {
        proposals(found.payoutsLeft, found.bankLinesLeft, found.references, refusing: refused)
    }

    private func proposals(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], _ references: PayoutReferences,
        refusing refused: Set<RefusedPair>
    ) -> [JointPointing] {
        let readLines = lines.map(ReadLine.init)
        let namedPayouts = Set(references.naming(readLines, refusing: refused).map(\.payout.id))
        return joined(
            bySum: payouts.filter { !namedPayouts.contains($0.id) },
            readLines.filter { !references.areNamed(in: $0.words) }, refusing: refused
        ).sorted { $0.payouts[0].id < $1.payouts[0].id }
    }

    // MARK: By name

    /// A line and the payouts only it names, or a payout and the lines that name only it.
    private func joined(byName named: [Candidate]) -> [JointPointing] {
        let byLine = Dictionary(grouping: named, by: \.line.id)
        let byPayout = Dictionary(grouping: named, by: \.payout.id)
        let manyPayouts = byLine.values.filter { pairs in
            pairs.count > 1 && pairs.allSatisfy { byPayout[$0.payout.id]?.count == 1 }
        }
        let manyLines = byPayout.values.filter { pairs in
            pairs.count > 1 && pairs.allSatisfy { byLine[$0.line.id]?.count == 1 }
        }
        return manyPayouts.compactMap { exact($0.map(\.payout), [$0[0].line], .reference) }
            + manyLines.compactMap { exact([$0[0].payout], $0.map(\.line), .reference) }
    }

    /// Nothing where the sums differ: a person has to say why.
    private func exact(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], _ rule: PayoutMatch.Rule
    ) -> JointPointing? {
        try? JointPointing(payouts, lines, said: nil, by: rule)
    }

    // MARK: By sum

    private func joined(
        bySum payouts: [PendingPayout], _ lines: [ReadLine], refusing refused: Set<RefusedPair>
    ) -> [JointPointing] {
        let shelves = Dictionary(grouping: payouts) { Shelf(currency: $0.amount.currency, provider: $0.provider) }
            .mapValues { $0.sorted { ($0.paidOn, $0.id) < ($1.paidOn, $1.id) } }
        var sets: [(line: PendingBankLine, payouts: [PendingPayout])] = []
        var tangled: Set<PayoutID> = []
        for line in lines where line.line.amount.isPositive {
            for provider in Provider.allCases where line.words.contains(provider.rawValue.uppercased()) {
                let shelf = shelves[Shelf(currency: line.line.amount.currency, provider: provider)] ?? []
                let near = within(line.line, shelf, refusing: refused)
                guard !near.isEmpty, near.count <= Self.candidatesMax else {
                    // Whoever is among too many may be anywhere.
                    tangled.formUnion(near.map(\.id))
                    continue
                }
                let found = SubsetSums(near).sets(of: line.line.amount.minorUnits, countMax: Self.unnamedMax)
                // A single payout of the amount was left by the single matches, so it is not sure either.
                if found.count == 1, found[0].count > 1 {
                    sets.append((line.line, found[0]))
                } else {
                    tangled.formUnion(found.flatMap { $0.map(\.id) })
                }
            }
        }
        let uses = Dictionary(sets.flatMap { $0.payouts.map { ($0.id, 1) } }, uniquingKeysWith: +)
        let ofLine = Dictionary(sets.map { ($0.line.id, 1) }, uniquingKeysWith: +)
        return sets.filter { set in
            ofLine[set.line.id] == 1 && set.payouts.allSatisfy { uses[$0.id] == 1 && !tangled.contains($0.id) }
        }.compactMap { exact($0.payouts, [$0.line], .sum) }
    }

    /// Payouts that may be under way to a line, of payouts in the order of their days.
    private func within(
        _ line: PendingBankLine, _ payouts: [PendingPayout], refusing refused: Set<RefusedPair>
    ) -> [PendingPayout] {
        let booked = line.bookedOn.daysSince1970
        let from = payouts.firstPlace { $0.paidOn.daysSince1970 >= booked - windowDays }
        let to = payouts.firstPlace { $0.paidOn.daysSince1970 > booked }
        return payouts[from..<max(from, to)].filter { payout in
            payout.amount.isPositive && !refused.contains(RefusedPair(payout: payout.id, bankLine: line.id))
        }
    }

    private struct Shelf: Hashable {
        let currency: Currency
        let provider: Provider
    }
}

/// Sets of payouts that come to an amount; all amounts are above nothing.
private struct SubsetSums {
    private let payouts: [PendingPayout]

    init(_ payouts: [PendingPayout]) { self.payouts = payouts }

    /// Two sets are enough to show that it is not one alone, but their pieces are all tangled: so all of them.
    func sets(of sum: Int64, countMax: Int) -> [[PendingPayout]] { sets(of: sum, from: 0, countMax) }

    private func sets(of sum: Int64, from start: Int, _ countMax: Int) -> [[PendingPayout]] {
        guard countMax > 0 else { return [] }
        return payouts.indices.dropFirst(start).flatMap { index -> [[PendingPayout]] in
            let left = sum - payouts[index].amount.minorUnits
            if left == 0 { return [[payouts[index]]] }
            guard left > 0 else { return [] }
            return sets(of: left, from: index + 1, countMax - 1).map { [payouts[index]] + $0 }
        }
    }
}
