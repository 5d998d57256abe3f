import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What a person does about a discrepancy: give it to somebody, say something about it, close it (REC-5).
struct LookAfterDiscrepancy {
    /// One thing a person does.
    enum Act: Sendable {
        case assign(to: String?)
        case comment(String)
        case close(because: String)
    }

    let database: Database
    let discrepancies: DiscrepancyStore

    func run(
        _ act: Act, on id: DiscrepancyID, because cause: Cause
    ) async throws -> Applied<DiscrepancyHistoryAnswer> {
        try await database.change(because: cause) { change in
            guard var discrepancy = try discrepancies.lock(id, in: &change) else { throw NotFound.discrepancy(id) }
            switch act {
            case .assign(let owner): try discrepancy.assign(to: owner)
            case .close(let reason):
                try discrepancy.close(because: reason, by: cause.actor)
                change.announceClosing(of: id, by: cause.actor)
            case .comment: break
            }
            try discrepancies.save(discrepancy, in: &change)
            try discrepancies.note(act, on: id, in: &change)
            return try discrepancies.history(of: id, in: cause.organisation, &change.transaction)
        }
    }
}
