import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Records what a client decided about marketing, with its proof (NOT-9).
struct RecordConsent {
    let database: Database
    let ids: IdentifierSource
    let share: ShareWithdrawals
    let consents = ConsentStore()

    /// What a person enters.
    struct Draft: Sendable {
        let phone: Phone
        let decision: ConsentDecision
        let proof: String
        let decidedAt: Instant
    }

    func run(_ draft: Draft, because cause: Cause) async throws -> Applied<ConsentAnswer> {
        let record = ConsentRecord(
            id: ids.make(), channel: .sms, address: draft.phone.e164, decision: draft.decision, proof: draft.proof,
            decidedAt: draft.decidedAt)
        return try await database.change(because: cause) { change in
            try consents.add(record, in: &change)
            if record.decision == .withdrawn {
                try share.run(from: record.address, at: record.decidedAt, in: &change)
            }
            return ConsentAnswer(record)
        }
    }
}
