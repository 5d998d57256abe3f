import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

// Whose payment a provider speaks of, where it speaks first.

extension AskProvider {
    /// The payment of an account that a provider's name or an attempt of ours means; `nil` when it is none of ours.
    func owner(
        _ reference: String, _ attempt: AttemptID?, _ account: AccountRecord
    ) async throws -> PaymentRecord? {
        try await store.database.read(organisation: account.organisation) { transaction in
            try store.owner(ofReference: reference, attempt: attempt, account: account.id, in: &transaction)
        }
    }

    /// The payment a report is about, and which of its attempts; `nil` when it is none of ours.
    func subject(of report: ProviderReport, _ account: AccountRecord) async throws -> (file: File, attempt: AttemptID)?
    {
        guard let record = try await owner(report.reference, report.attempt, account) else { return nil }
        let attempt = record.payment.attempts.first { $0.id == report.attempt || $0.reference == report.reference }
        return try attempt.map { (try file(record, account), $0.id) }
    }

    /// Notes that a provider spoke of a payment and the payment was read back.
    func noteNotification(_ operation: String, about payment: PaymentID) {
        let now = time.now()
        store.notes.note(
            ExchangeLine(
                kind: .notification, operation: operation, outcome: "read back", at: now, lastAt: now, times: 1,
                milliseconds: 0),
            about: payment)
    }
}
