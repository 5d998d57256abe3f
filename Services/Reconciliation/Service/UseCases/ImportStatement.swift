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

    private func take(_ laid: StageStatement.Laid, in change: inout Change) throws -> ImportAnswer {
        try BooksLock.takeAlone(in: &change)
        try accounts.check(laid.statements, in: &change)
        var new = 0
        for (place, statement) in laid.statements.enumerated() { new += try take(statement, Int32(place), &change) }
        let pointed = try match.run(in: &change)
        let brought = try deposits.run(in: &change)
        return ImportAnswer(
            documents: laid.statements.count, linesNew: new, linesKnown: laid.lines - new, payoutsPointed: pointed,
            remittancesPointed: brought,
            discrepanciesOpen: try discrepancies.countOpen(of: change.cause.organisation, &change.transaction),
            badRows: laid.bad.isEmpty ? nil : laid.bad.map(BadRowAnswer.init),
            badRowsInAll: laid.bad.isEmpty ? nil : laid.badInAll)
    }

    /// Answers how many of the movements were new.
    ///
    /// A statement that is known may be told again with more: its movements are looked at all the same.
    private func take(_ statement: BankStatement, _ place: Int32, _ change: inout Change) throws -> Int {
        let made: StatementID = ids.make()
        let isNew = try bank.insert(statement, as: made, in: &change)
        let id = isNew ? made : try bank.compare(statement, in: &change)
        try staged.goOnCounting(place, of: statement, as: id, in: &change)
        if !isNew {
            guard try staged.checkUnknown(place, of: statement, in: &change) else {
                try staged.compare(place, of: statement, in: &change)
                return 0
            }
        }
        try bank.checkFormat(of: statement, in: &change)
        let new = try staged.take(place, of: id, on: statement.iban, in: &change)
        if new < statement.count { try staged.compare(place, of: statement, in: &change) }
        if new > 0 { try staged.announce(new, place, of: id, in: &change) }
        return new
    }
}
