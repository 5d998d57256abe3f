import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes a remittance and its bank line apart for good, with its author (REC-10).
struct UnpointRemittance {
    let database: Database
    let deposits: MatchDeposits

    func run(_ id: RemittanceID, because cause: Cause) async throws -> Applied<RemittanceAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let record = try deposits.lockLive(id, in: &change)
            guard let line = record.bankLine else { throw RemittanceRejection.notPointed }
            try deposits.unpoint(record, from: line, in: &change)
            return try deposits.trail.answer(id, of: cause.organisation, &change.transaction)
        }
    }
}
