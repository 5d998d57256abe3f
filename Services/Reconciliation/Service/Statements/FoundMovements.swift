import PaymentModel

/// What was read of a file of statements so far.
///
/// Movements are handed on as they come, so that a file of any length is read in the same memory; of a statement only
/// its head and its sums stay.
struct FoundMovements: Sendable {
    /// A movement with the place of its statement among those of the file.
    struct Movement: Sendable {
        let statement: Int32
        let movement: BankMovement
    }

    /// The sums of the movements since the last statement ended.
    struct Tally: Sendable {
        var count = 0
        var sum: Money?
        var days: ClosedRange<LocalDate>?
        /// The first movement of each currency.
        var firsts: [BankMovement] = []
    }

    /// Statements of one file: what stays in memory until its end.
    private static let statementsMax = 100_000

    /// Heads of the statements that have ended.
    private(set) var statements: [BankStatement] = []
    private(set) var tally = Tally()
    /// How many movements there were in all.
    private(set) var count = 0
    /// Rows that were passed over, and why; the first of them.
    private(set) var bad: [FileProblem] = []
    private(set) var badInAll = 0
    private var waiting: [Movement] = []

    mutating func add(_ movement: BankMovement) throws {
        waiting.append(Movement(statement: Int32(statements.count), movement: movement))
        count += 1
        tally.count += 1
        let day = movement.bookedOn
        tally.days = tally.days.map { min($0.lowerBound, day)...max($0.upperBound, day) } ?? day...day
        guard let sum = tally.sum else {
            (tally.sum, tally.firsts) = (movement.amount, [movement])
            return
        }
        if sum.currency == movement.amount.currency {
            tally.sum = try sum.adding(movement.amount)
        } else if !tally.firsts.contains(where: { $0.amount.currency == movement.amount.currency }) {
            tally.firsts.append(movement)
        }
    }

    mutating func passOver(_ problem: FileProblem) {
        badInAll += 1
        if bad.count < BadRowAnswer.listedMax { bad.append(problem) }
    }

    /// Ends a statement: opening + movements = closing, where the file has both balances.
    mutating func close(_ head: BankStatement) throws {
        guard statements.count < Self.statementsMax else {
            throw FileProblem(
                line: head.line, place: head.place, reason: "It has more than \(count: Self.statementsMax) statements.",
                remedy: "Hand it in in several parts.")
        }
        if let stranger = tally.firsts.first(where: { $0.amount.currency != head.currency }) {
            throw FileProblem(
                line: stranger.line, place: stranger.place,
                reason: "It is in \(stranger.amount.currency), the statement begins in \(head.currency).",
                remedy: "Ask the bank for a statement in the account's currency.")
        }
        if let opening = head.opening, let closing = head.closing {
            let sum = try opening.adding(tally.sum ?? .zero(head.currency))
            guard sum == closing else {
                throw FileProblem(
                    line: head.line, place: head.place,
                    reason: "Opening balance and movements give \(sum), the closing balance is \(closing).",
                    remedy: "A movement is missing or wrong: ask the bank for the file again.")
            }
        }
        var head = head
        (head.count, head.days) = (tally.count, tally.days)
        statements.append(head)
        tally = Tally()
    }

    /// Ends the file: what belongs to no statement would otherwise be lost silently.
    func checkEnd() throws {
        guard tally.count == 0 else {
            throw FileProblem(
                line: nil, reason: "The file ends within a statement.", remedy: "Ask the bank for the file again.")
        }
    }

    /// How many movements wait to be handed on.
    var waitingCount: Int { waiting.count }

    /// Hands the movements on and forgets them.
    mutating func handOn() -> [Movement] {
        defer { waiting = [] }
        return waiting
    }
}

/// Reads a file of one format as its bytes arrive.
protocol StatementReader: Sendable {
    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws
    mutating func finish(into found: inout FoundMovements) throws
}
