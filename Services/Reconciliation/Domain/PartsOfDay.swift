package import PaymentModel

/// A bank statement with something of a day; balances are in minor units.
package struct PartOfDay: Hashable, Sendable {
    package let statement: StatementID
    package let opening: Int64
    package let closing: Int64
    /// Whether it has nothing of the days before, so that its opening balance is one of the day.
    package let opensWithin: Bool
    /// Whether it has nothing of the days after.
    package let closesWithin: Bool
    /// What its movements of the day come to.
    package let moved: Int64
    /// How many they are.
    package let movements: Int64
    /// Whether movements of the day were taken for those of others.
    package let lacks: Bool

    package init(
        statement: StatementID, opening: Int64, closing: Int64, opensWithin: Bool, closesWithin: Bool, moved: Int64,
        movements: Int64, lacks: Bool
    ) {
        (self.statement, self.opening, self.closing) = (statement, opening, closing)
        (self.opensWithin, self.closesWithin, self.moved) = (opensWithin, closesWithin, moved)
        (self.movements, self.lacks) = (movements, lacks)
    }
}

/// The statements of one account that have something of one day (REC-4).
package struct PartsOfDay: Sendable {
    /// Statements one after another from a balance on, and the balances between them.
    private struct Chain {
        var statements: Set<StatementID> = []
        var balances: Set<Int64> = []
    }

    private enum Direction {
        case before, after
    }

    /// Those with movements that were taken for those of others.
    package let lacking: [PartOfDay]
    private let byOpening: [Int64: [PartOfDay]]
    private let byClosing: [Int64: [PartOfDay]]

    package init(_ parts: [PartOfDay]) {
        lacking = parts.filter(\.lacks)
        // What closes as it opened may stand anywhere, or be another once more.
        let moving = parts.filter { $0.moved != 0 }
        byOpening = Dictionary(grouping: moving.filter(\.opensWithin), by: \.opening)
        byClosing = Dictionary(grouping: moving.filter(\.closesWithin), by: \.closing)
    }

    /// The statements that balances show to come before and after one on that day: none of them has its movements.
    ///
    /// None where balances do not decide: where the account had one of them twice, as is seen where more movements lead
    /// to it by some statements than by others. One under two names has the same before and after it by either.
    package func adjoining(_ part: PartOfDay) -> Set<StatementID> {
        guard part.moved != 0 else { return [] }
        guard let before = part.opensWithin ? chain(.before, of: part) : Chain(),
            let after = part.closesWithin ? chain(.after, of: part) : Chain()
        else { return [] }
        let own = Set((part.opensWithin ? [part.opening] : []) + (part.closesWithin ? [part.closing] : []))
        guard before.balances.isDisjoint(with: after.balances), before.balances.isDisjoint(with: own),
            after.balances.isDisjoint(with: own)
        else { return [] }
        return before.statements.union(after.statements)
    }

    /// Nil where a balance is reached by more movements and by fewer: the account had it twice.
    private func chain(_ direction: Direction, of part: PartOfDay) -> Chain? {
        var chain = Chain()
        let start = direction == .before ? part.opening : part.closing
        var movements = [start: Int64(0)]
        var waiting = [(balance: start, movements: Int64(0))]
        while let reached = waiting.popLast() {
            let next = (direction == .before ? byClosing : byOpening)[reached.balance] ?? []
            for other in next where other.statement != part.statement {
                guard chain.statements.insert(other.statement).inserted else { continue }
                guard direction == .before ? other.opensWithin : other.closesWithin else { continue }
                let far = direction == .before ? other.opening : other.closing
                let count = reached.movements + other.movements
                guard movements[far, default: count] == count else { return nil }
                movements[far] = count
                chain.balances.insert(far)
                waiting.append((far, count))
            }
        }
        return chain
    }
}
