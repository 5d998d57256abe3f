import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes back a slip that never came to the bank; what was on it waits at the till again (REC-10).
struct CancelRemittance {
    let database: Database
    let till = TillStore()
    let deposits: MatchDeposits

    func run(
        _ id: RemittanceID, because reason: String, _ cause: Cause
    ) async throws -> Applied<RemittanceAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let record = try deposits.lockLive(id, in: &change)
            if let author = record.pointedBy { throw RemittanceRejection.pointed(by: author) }
            try deposits.remittances.cancel(id, because: reason, in: &change)
            try till.takeOff(id, in: &change)
            guard let booked = try deposits.ledger.entry(.remittance, about: id, run: 1, in: &change) else {
                throw UnknownAccount()
            }
            try deposits.ledger.book(
                try Booking.contrary(of: booked, as: .remittanceUndone), about: id,
                piece: record.remittance.reference, in: &change)
            return try deposits.trail.answer(id, of: cause.organisation, &change.transaction)
        }
    }
}
