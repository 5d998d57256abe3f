import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes in bank statements and points the payouts that are in them.
struct ImportStatement {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts
    let bank = BankStore()
    let accounts = BankAccountStore()
    let discrepancies: DiscrepancyStore

    func run(_ statements: [BankStatement], because cause: Cause) async throws -> Applied<ImportAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            try accounts.check(statements, in: &change)
            var new = 0
            for statement in statements { new += try take(statement, &change) }
            let pointed = try match.run(in: &change)
            let all = statements.reduce(0) { $0 + $1.movements.count }
            return ImportAnswer(
                documents: statements.count, linesNew: new, linesKnown: all - new, payoutsPointed: pointed,
                discrepanciesOpen: try discrepancies.countOpen(of: cause.organisation, &change.transaction))
        }
    }

    /// Answers how many of the movements were new.
    private func take(_ statement: BankStatement, _ change: inout Change) throws -> Int {
        let id: StatementID = ids.make()
        guard try bank.insert(statement, as: id, in: &change) else {
            try bank.compare(statement, in: &change)
            return 0
        }
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
