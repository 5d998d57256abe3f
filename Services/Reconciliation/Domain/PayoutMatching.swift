import PaymentModel

/// Which bank line is which payout (REC-5): the same answer whatever order the pieces came in.
///
/// Lines are found by the words of their text and by their amount, so the work grows with the number of pieces and not
/// with its square.
package struct PayoutMatching: Sendable {
    /// How many days a transfer may be under way.
    package let windowDays: Int

    /// Days between the provider's date and the bank's.
    package init(windowDays: Int) { self.windowDays = windowDays }

    /// A reference in the bank's text decides, first with the payout's own amount, then with any; then amount, date and
    /// the provider's name.
    ///
    /// Only pieces that have each other and nobody else are a match: an ambiguity is left to a person, and what names
    /// a reference is never matched by its amount. Pairs in `refused` were taken apart by a person and stay apart. What
    /// is left goes to the organisation's own rules, one after the other.
    package func matches(
        _ payouts: [PendingPayout], _ lines: [PendingBankLine], refusing refused: Set<RefusedPair> = [],
        by rules: MatchingRules = .none
    ) -> [PayoutMatch] {
        matches(
            payouts, read: lines.map(ReadLine.init), PayoutReferences(payouts), refusing: refused, by: rules)
    }

    func matches(
        _ payouts: [PendingPayout], read readLines: [ReadLine], _ references: PayoutReferences,
        refusing refused: Set<RefusedPair>, by rules: MatchingRules
    ) -> [PayoutMatch] {
        let named = references.naming(readLines, refusing: refused)
        let namedPayouts = Set(named.map(\.payout.id))
        let unnamedLines = readLines.filter { !references.areNamed(in: $0.words) }
        let unnamed = payouts.filter { !namedPayouts.contains($0.id) }
        let close = unambiguous(
            matchesByAmount(unnamed, unnamedLines, refusing: refused), MatchGround(.amountAndDate))
        return byReference(named.filter(\.isOfOneSide)) + close
            + matches(without: close, unnamed, unnamedLines, refusing: refused, by: rules)
    }

    /// Another line that names a payout does not make doubtful which one is it to the cent.
    private func byReference(_ named: [Candidate]) -> [PayoutMatch] {
        let exact = unambiguous(named.filter { $0.payout.amount == $0.line.amount }, MatchGround(.reference))
        let payouts = Set(exact.map(\.payout.id))
        let others = unambiguous(named, MatchGround(.reference)).filter { !payouts.contains($0.payout.id) }
        return (exact + others).sorted { $0.payout.id < $1.payout.id }
    }

    /// What a rule leaves, be it that two fit, goes to the next.
    private func matches(
        without found: [PayoutMatch], _ payouts: [PendingPayout], _ lines: [ReadLine],
        refusing refused: Set<RefusedPair>, by rules: MatchingRules
    ) -> [PayoutMatch] {
        var takenPayouts = Set(found.map(\.payout.id))
        var takenLines = Set(found.map(\.bankLine.id))
        return rules.rules.flatMap { rule in
            let candidates = rule.candidates(
                payouts.filter { !takenPayouts.contains($0.id) }, lines.filter { !takenLines.contains($0.line.id) },
                refusing: refused)
            let matches = unambiguous(candidates, MatchGround(rule))
            takenPayouts.formUnion(matches.map(\.payout.id))
            takenLines.formUnion(matches.map(\.bankLine.id))
            return matches
        }
    }

    private func matchesByAmount(
        _ payouts: [PendingPayout], _ lines: [ReadLine], refusing refused: Set<RefusedPair>
    ) -> [Candidate] {
        var shelves: [Shelf: AmountShelf] = [:]
        for payout in payouts {
            shelves[Shelf(amount: payout.amount, provider: payout.provider), default: AmountShelf()]
                .payouts.append(payout)
        }
        for line in lines {
            for provider in Provider.allCases where line.words.contains(provider.rawValue.uppercased()) {
                shelves[Shelf(amount: line.line.amount, provider: provider)]?.lines.append(line.line)
            }
        }
        return shelves.values.flatMap { $0.candidates(windowDays: windowDays, refusing: refused) }
    }

    /// Pairs that have each other and nobody else, in the order of the payouts.
    private func unambiguous(_ candidates: [Candidate], _ ground: MatchGround) -> [PayoutMatch] {
        MutualPairs.of(candidates, \.payout.id, \.line.id)
            .sorted { $0.payout.id < $1.payout.id }
            .map { PayoutMatch(payout: $0.payout, bankLine: $0.line, ground: ground, windowDays: windowDays) }
    }
}

/// Two that may belong together.
struct Candidate {
    let payout: PendingPayout
    let line: PendingBankLine

    /// A payout below nothing is what the bank took, and no other is.
    var isOfOneSide: Bool { payout.amount.isNegative == line.amount.isNegative }
}

/// A bank line with the words of its text, which are read once for all that look at them.
package struct ReadLine: Sendable {
    package let line: PendingBankLine
    let words: ReferenceWords

    package init(_ line: PendingBankLine) {
        self.line = line
        words = ReferenceWords(line.text)
    }
}

/// Where payouts and lines that could be each other by amount meet.
private struct Shelf: Hashable {
    let amount: Money
    let provider: Provider
}

/// Payouts and bank lines of one amount and provider.
private struct AmountShelf {
    var payouts: [PendingPayout] = []
    var lines: [PendingBankLine] = []

    /// Pairs within the window; of a payout or a line that fits several, two are enough to show that it does.
    func candidates(windowDays: Int, refusing refused: Set<RefusedPair>) -> [Candidate] {
        guard !lines.isEmpty else { return [] }
        let payouts = payouts.sorted { ($0.paidOn, $0.id) < ($1.paidOn, $1.id) }
        let lines = lines.sorted { ($0.bookedOn, $0.id) < ($1.bookedOn, $1.id) }
        var found: [BankLineID: Set<PayoutID>] = [:]
        var candidates: [Candidate] = []
        func add(_ payout: PendingPayout, _ line: PendingBankLine) {
            guard !refused.contains(RefusedPair(payout: payout.id, bankLine: line.id)),
                found[line.id, default: []].insert(payout.id).inserted
            else { return }
            candidates.append(Candidate(payout: payout, line: line))
        }
        let days = (lines: lines.map(\.bookedOn.daysSince1970), payouts: payouts.map(\.paidOn.daysSince1970))
        let limit = 2 + refused.count
        for payout in payouts {
            let paid = payout.paidOn.daysSince1970
            for index in days.lines.places(in: paid...paid + windowDays).prefix(limit) { add(payout, lines[index]) }
        }
        for line in lines {
            let booked = line.bookedOn.daysSince1970
            let fitting = days.payouts.places(in: booked - windowDays...booked)
            for index in fitting.prefix(limit) { add(payouts[index], line) }
        }
        return candidates
    }
}

extension [Int] {
    /// The places of the values in a range; the array is sorted.
    fileprivate func places(in range: ClosedRange<Int>) -> Range<Int> {
        firstPlace { $0 >= range.lowerBound }..<firstPlace { $0 > range.upperBound }
    }
}

extension Array {
    /// The first place from which something holds; it holds for all after it.
    func firstPlace(where holds: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
