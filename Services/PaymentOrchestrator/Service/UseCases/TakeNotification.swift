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

    /// A notification and where it arrived.
    struct Arrival: Sendable {
        let account: ProviderAccountID
        let provider: Provider
        let notification: ProviderNotification
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let accounts = ProviderAccountStore()

    func run(_ arrival: Arrival) async throws -> Outcome {
        let outcome = try await outcome(of: arrival)
        Counter(
            label: "quittance_provider_notifications",
            dimensions: [("provider", arrival.provider.rawValue), ("outcome", outcome.rawValue)]
        ).increment()
        return outcome
    }

    private func outcome(of arrival: Arrival) async throws -> Outcome {
        let database = ask.store.database
        let account = try await database.read(organisation: nil) { transaction in
            try accounts.find(arrival.account, in: &transaction)
        }
        guard let account, account.provider == arrival.provider else { return .forged }
        let access = try account.access(ask.sealer)
        let adapter = try ask.provider(arrival.provider)
        guard adapter.verify(arrival.notification, access) == .genuine else { return .forged }
        let answer: ProviderReport?
        do throws(OutcomeUnknown) {
            answer = try await adapter.report(on: arrival.notification.reference, access)
        } catch {
            return try await later(arrival, account)
        }
        guard let report = answer else { return .notOurs }
        guard let payment = try await owner(arrival, report, account) else { return .notOurs }
        let file = try await ask.file(payment, of: account.organisation)
        let attempt = file.record.payment.attempts.first { $0.id == report.attempt || $0.reference == report.reference }
        guard let attempt else { return .notOurs }
        let prompt = Prompt.own("\(arrival.provider.rawValue) notification", account.organisation, ids)
        return try await ask.record(report, of: attempt.id, file, prompt) ? .recorded : .nothingNew
    }

    /// The provider does not answer its own notification: the payment is the next to be asked about.
    private func later(_ arrival: Arrival, _ account: AccountRecord) async throws -> Outcome {
        guard let payment = try await owner(arrival, nil, account) else { return .notOurs }
        try await ask.store.hurry(payment, of: account.organisation)
        return .later
    }

    private func owner(
        _ arrival: Arrival, _ report: ProviderReport?, _ account: AccountRecord
    ) async throws -> PaymentID? {
        try await ask.store.database.read(organisation: account.organisation) { transaction in
            try ask.store.owner(
                ofReference: arrival.notification.reference, attempt: report?.attempt, account: account.id,
                in: &transaction)
        }
    }
}
