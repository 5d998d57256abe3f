import Metrics
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Takes a provider's notification: nothing it says is believed but which payment to read back.
struct TakeNotification: Sendable {
    /// What became of it.
    enum Outcome: String, Sendable {
        case recorded
        case nothingNew = "nothing-new"
        case notOurs = "not-ours"
        case later, forged
    }

    let desk: ProviderDesk
    let ids: IdentifierSource

    func run(_ notification: ProviderNotification, to id: ProviderAccountID, at provider: Provider) async throws
        -> Outcome
    {
        let outcome = try await outcome(notification, id, provider)
        Counter(
            label: "quittance_provider_notifications",
            dimensions: [("provider", provider.rawValue), ("outcome", outcome.rawValue)]
        ).increment()
        return outcome
    }

    private func outcome(_ notification: ProviderNotification, _ id: ProviderAccountID, _ provider: Provider)
        async throws -> Outcome
    {
        let database = desk.store.database
        let account = try await database.read(organisation: nil) { transaction in
            try AccountTable.find(id, in: &transaction)
        }
        guard let account, account.provider == provider else { return .forged }
        let access = try account.access(desk.sealer)
        let adapter = try desk.provider(provider)
        guard adapter.verify(notification, access) == .genuine else { return .forged }
        let prompt = Prompt.own("\(provider.rawValue) notification", account.organisation, ids)
        guard let report = try? await adapter.report(on: notification.reference, access) else {
            return try await later(notification, account)
        }
        let payment = try await owner(notification.reference, report.attempt, account)
        guard let payment else { return .notOurs }
        let file = try await desk.file(payment, of: account.organisation)
        let attempt = file.record.payment.attempts.first { $0.id == report.attempt || $0.reference == report.reference }
        guard let attempt else { return .notOurs }
        return try await desk.record(report, of: attempt.id, file, prompt) ? .recorded : .nothingNew
    }

    /// The provider does not answer its own notification: the payment is the next to be asked about.
    private func later(_ notification: ProviderNotification, _ account: AccountRecord) async throws -> Outcome {
        guard let payment = try await owner(notification.reference, nil, account) else { return .notOurs }
        try await desk.store.hurry(payment, of: account.organisation)
        return .later
    }

    private func owner(_ reference: String, _ attempt: AttemptID?, _ account: AccountRecord) async throws -> PaymentID?
    {
        try await desk.store.database.read(organisation: account.organisation) { transaction in
            try PaymentTable.owner(ofReference: reference, attempt: attempt, account: account.id, in: &transaction)
        }
    }
}
