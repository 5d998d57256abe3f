import HTTPServer
import Logging
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Takes in bank statements and points the payouts and remittances that are in them.
struct ImportStatement {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let match: MatchPayouts
    let deposits: MatchDeposits
    let bank = BankStore()
    let accounts = BankAccountStore()
    let staged = StagedMovements()
    let taken = TakenMovements()
    let discrepancies: DiscrepancyStore
    let logger: Logger

    /// Ends the transaction of a dry run, in which everything was done as it would be.
    private struct Undone: Error {
        let answer: ImportAnswer
    }

    /// Reads the file while it arrives; then one transaction takes all of it, or nothing.
    func run(
        _ file: IncomingFile, _ reading: StageStatement.Reading, because cause: () throws -> Cause
    ) async throws -> ImportAnswer {
        try await file.read(as: .statement, in: database, ids, logger) { bench, progress in
            StageStatement(reading, on: bench, showing: progress, ids: ids, time: time)
        } then: { laid, bench in
            try await take(laid, file.intent, on: bench, because: cause())
        }
    }

    private func take(
        _ laid: StageStatement.Laid, _ intent: ImportIntent, on bench: Workbench, because cause: Cause
    ) async throws -> ImportAnswer {
        do {
            return try await bench.change(because: cause) { change in
                let answer = try take(laid, in: &change)
                if intent == .dryRun { throw Undone(answer: answer) }
                return answer
            }.answer
        } catch let undone as Undone {
            return undone.answer
        }
    }

    /// Lines that a file brought.
    private struct Brought {
        var statements: Set<StatementID> = []
        var new = 0
        /// What its balances made lines of, by the statement that has it.
        var revived: [StatementID: Int] = [:]

        /// Its own, and those of statements that came before.
        var lines: (own: Int, earlier: Int) {
            let own = revived.filter { statements.contains($0.key) }.values.reduce(0, +)
            return (new + own, revived.values.reduce(0, +) - own)
        }
    }

    private func take(_ laid: StageStatement.Laid, in change: inout Change) throws -> ImportAnswer {
        try BooksLock.takeAlone(in: &change)
        try accounts.check(laid.statements, in: &change)
        var brought = Brought()
        for (place, statement) in laid.statements.enumerated() {
            try take(statement, Int32(place), &brought, &change)
        }
        let lines = brought.lines
        // What only brought new movements took none for others.
        let inDoubt = lines.own < laid.lines ? try staged.inDoubt(laid.statements, in: &change) : []
        let pointed = try match.run(in: &change)
        let deposited = try deposits.run(in: &change)
        return ImportAnswer(
            documents: laid.statements.count, linesNew: lines.own, linesKnown: laid.lines - lines.own,
            linesOfEarlierStatements: lines.earlier == 0 ? nil : lines.earlier, payoutsPointed: pointed,
            remittancesPointed: deposited,
            discrepanciesOpen: try discrepancies.countOpen(of: change.cause.organisation, &change.transaction),
            badRows: laid.bad.isEmpty ? nil : laid.bad.map(BadRowAnswer.init),
            badRowsInAll: laid.bad.isEmpty ? nil : laid.badInAll,
            statementsInDoubt: inDoubt.isEmpty ? nil : inDoubt.map(BadRowAnswer.init))
    }

    /// A statement that is known may be told again with more: its movements are looked at all the same.
    private func take(
        _ statement: BankStatement, _ place: Int32, _ brought: inout Brought, _ change: inout Change
    ) throws {
        let made: StatementID = ids.make()
        let isNew = try bank.insert(statement, as: made, in: &change)
        let id = isNew ? made : try bank.compare(statement, in: &change)
        brought.statements.insert(id)
        let adjoining = try staged.goOnCounting(place, of: statement, as: id, isNew: isNew, in: &change)
        try staged.tellPartsApart(place, of: statement, beside: adjoining, in: &change)
        if !isNew {
            guard try staged.checkUnknown(place, of: statement, in: &change) else {
                return try staged.compare(place, of: statement, in: &change)
            }
        }
        try bank.checkFormat(of: statement, in: &change)
        let new = try staged.take(place, of: id, on: statement.iban, in: &change)
        if new < statement.count {
            try staged.compare(place, of: statement, in: &change)
            try taken.keep(place, of: statement, as: id, in: &change)
        }
        if new > 0 { try staged.announce(new, place, of: id, in: &change) }
        brought.new += new
        brought.revived.merge(try taken.revive(beside: statement, as: id, in: &change)) { $0 + $1 }
    }
}
