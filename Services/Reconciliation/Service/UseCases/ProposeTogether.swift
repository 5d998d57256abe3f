import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says which payouts may be one bank line by their sum, for a person to confirm; changes nothing (REC-5).
struct ProposeTogether {
    let database: Database
    let match: MatchPayouts

    /// Ends the transaction, in which nothing was written that stays.
    private struct Undone: Error {
        let found: [JointProposalAnswer]
    }

    func run(because cause: Cause) async throws -> [JointProposalAnswer] {
        do {
            return try await database.change(because: cause) { change in
                throw Undone(found: try match.search(.looking, in: &change).propose().map(JointProposalAnswer.init))
            }.answer
        } catch let undone as Undone {
            return undone.found
        }
    }
}
