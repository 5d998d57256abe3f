import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What a person does about a discrepancy: give it to somebody, say something about it, close it (REC-5).
struct LookAfterDiscrepancy {
    /// One thing a person does.
    enum Act: Sendable {
        case assign(to: String?)
        case comment(String)
        case close(because: String, into: Account?)
    }

    let database: Database
    let discrepancies: DiscrepancyStore
    let residues: ResidueStore

    func run(
        _ act: Act, on id: DiscrepancyID, because cause: Cause
    ) async throws -> Applied<DiscrepancyHistoryAnswer> {
        try await database.change(because: cause) { change in
            // What is left is another sum while an import or a fact is under way.
            if case .close(because: _, into: .some(_)) = act { try BooksLock.takeAlone(in: &change) }
            guard var discrepancy = try discrepancies.lock(id, in: &change) else { throw NotFound.discrepancy(id) }
            switch act {
            case .assign(let owner): try discrepancy.assign(to: owner)
            case .close(let reason, let account):
                let isNew = discrepancy.isOpen
                try discrepancy.close(because: reason, into: account, by: cause.actor)
                if let account { try check(account, of: id, in: &change) }
                if isNew { change.announceClosing(of: id, by: cause.actor) }
            case .comment: break
            }
            try discrepancies.save(discrepancy, in: &change)
            if case .close(because: _, into: .some(_)) = act { try residues.book(id, in: &change) }
            try discrepancies.note(act, on: id, in: &change)
            return try discrepancies.history(of: id, in: cause.organisation, &change.transaction)
        }
    }

    private func check(_ account: Account, of id: DiscrepancyID, in change: inout Change) throws {
        guard let residue = try residues.residue(of: id, in: &change) else { throw Residue.Rejection.nothing }
        try residue.check(into: account)
    }
}
