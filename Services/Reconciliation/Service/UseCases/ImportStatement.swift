import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes in bank statements and points the payouts that are in them.
struct ImportStatement {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts
    let bank = BankStore()
    let discrepancies: DiscrepancyStore

    func run(_ statements: [BankStatement], because cause: Cause) async throws -> Applied<ImportAnswer> {
        try await database.change(because: cause) { change in
            var new = 0, known = 0
            for statement in statements {
                let id: StatementID = ids.make()
                guard try bank.insert(statement, as: id, in: &change) else {
                    known += statement.movements.count
                    continue
                }
                for movement in statement.movements {
                    if try take(movement, of: id, statement.iban, &change) { new += 1 } else { known += 1 }
                }
            }
            let pointed = try match.run(in: &change)
            return ImportAnswer(
                documents: statements.count, linesNew: new, linesKnown: known, payoutsPointed: pointed,
                discrepanciesOpen: try discrepancies.open(of: cause.organisation, &change.transaction).count)
        }
    }

    private func take(
        _ movement: BankMovement, of statement: StatementID, _ iban: String, _ change: inout Change
    ) throws -> Bool {
        let id: BankLineID = ids.make()
        guard try bank.insert(movement, as: id, of: statement, iban, &change) else { return false }
        change.announce(
            BankLineImportedV1(
                bankLineID: id, statementID: statement, amount: movement.amount, bookedOn: movement.bookedOn),
            about: id)
        return true
    }
}
