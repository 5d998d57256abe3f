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
        let decision: ConsentDecision
        let proof: String
        let decidedAt: Instant
        /// False where nobody said when: then it counts from now on.
        let isDated: Bool
    }

    func run(_ draft: Draft, of phone: Phone, because cause: Cause) async throws -> Applied<ConsentAnswer> {
        let record = ConsentRecord(
            id: ids.make(), channel: .sms, address: phone.e164, decision: draft.decision, proof: draft.proof,
            decidedAt: draft.decidedAt)
        return try await database.change(because: cause) { change in
            let before = try latest(about: record, in: &change)?.decision
            // A form that was signed before a STOP and is typed after it would undo the STOP.
            if draft.decision == .given, !draft.isDated, before == .withdrawn { throw UndatedAgreement() }
            try consents.add(record, in: &change)
            let standing = try latest(about: record, in: &change)
            if record.decision == .withdrawn {
                try share.run(
                    from: record.address, at: record.decidedAt,
                    isNews: before != .withdrawn && standing?.decision == .withdrawn, in: &change)
            }
            return ConsentAnswer(record, standing: standing)
        }
    }

    private func latest(about record: ConsentRecord, in change: inout Change) throws -> ConsentRecord? {
        try consents.history(
            of: record.address, by: .sms, in: change.cause.organisation, 1, &change.transaction
        ).first
    }
}

/// Somebody who had said STOP is said to agree, and nobody said since when.
struct UndatedAgreement: Error {}
