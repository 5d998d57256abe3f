import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What an import is for.
enum ImportIntent: Sendable {
    case forGood
    /// To see what it would bring; nothing is kept.
    case dryRun
}

/// Takes in bank statements and points the payouts and remittances that are in them.
struct ImportStatement {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts
    let deposits: MatchDeposits
    let bank = BankStore()
    let accounts = BankAccountStore()
    let discrepancies: DiscrepancyStore

    /// Ends the transaction of a dry run, in which everything was done as it would be.
    private struct Undone: Error {
        let answer: ImportAnswer
    }

    /// One transaction: a file with anything wrong in it brings nothing.
    func run(
        _ file: ReadStatements, _ intent: ImportIntent, because cause: Cause
    ) async throws -> ImportAnswer {
        do {
            return try await database.change(because: cause) { change in
                let answer = try take(file, in: &change)
                if intent == .dryRun { throw Undone(answer: answer) }
                return answer
            }.answer
        } catch let undone as Undone {
            return undone.answer
        }
    }

    private func take(_ file: ReadStatements, in change: inout Change) throws -> ImportAnswer {
        let statements = file.statements
        try BooksLock.takeAlone(in: &change)
        try accounts.check(statements, in: &change)
        var new = 0
        for statement in statements { new += try take(statement, &change) }
        let pointed = try match.run(in: &change)
        let brought = try deposits.run(in: &change)
        let all = statements.reduce(0) { $0 + $1.movements.count }
        return ImportAnswer(
            documents: statements.count, linesNew: new, linesKnown: all - new, payoutsPointed: pointed,
            remittancesPointed: brought,
            discrepanciesOpen: try discrepancies.countOpen(of: change.cause.organisation, &change.transaction),
            badRows: file.bad.isEmpty ? nil : file.bad.prefix(BadRowAnswer.listedMax).map(BadRowAnswer.init),
            badRowsInAll: file.bad.isEmpty ? nil : file.bad.count)
    }

    /// Answers how many of the movements were new.
    private func take(_ statement: BankStatement, _ change: inout Change) throws -> Int {
        let id: StatementID = ids.make()
        guard try bank.insert(statement, as: id, in: &change) else {
            try bank.compare(statement, in: &change)
            return 0
        }
        try bank.checkFormat(of: statement, in: &change)
        var new = 0
        for movement in statement.movements {
            let line: BankLineID = ids.make()
            if try bank.insert(movement, as: line, of: id, statement.iban, &change) {
                change.announce(movement, as: line, of: id)
                new += 1
            } else {
                try bank.compare(movement, of: statement.iban, in: &change)
            }
        }
        return new
    }
}
