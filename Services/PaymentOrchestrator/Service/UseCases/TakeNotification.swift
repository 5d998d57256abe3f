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
        do {
            let outcome = try await outcome(of: arrival)
            count(outcome.rawValue, arrival)
            return outcome
        } catch ProviderRejection.notReached {
            count("not-taken", arrival)
            throw ProviderRejection.notReached
        }
    }

    private func count(_ outcome: String, _ arrival: Arrival) {
        Counter(
            label: "quittance_provider_notifications",
            dimensions: [("provider", arrival.provider.rawValue), ("outcome", outcome)]
        ).increment()
    }

    private func outcome(of arrival: Arrival) async throws -> Outcome {
        let database = ask.store.database
        let account = try await database.read(organisation: nil) { transaction in
            try accounts.find(arrival.account, in: &transaction)
        }
        guard let account, account.provider == arrival.provider else { return .forged }
        let access = try ask.access(to: account)
        let adapter = try ask.provider(arrival.provider)
        guard let reference = try await reference(in: arrival.notification, adapter, access) else { return .forged }
        guard !reference.isEmpty else { return .notOurs }
        let began = ask.time.now()
        let answer: ProviderReport?
        do throws(OutcomeUnknown) {
            answer = try await adapter.report(on: reference, access)
        } catch {
            return try await later(reference, account, ask.notification("notification", "not read back", since: began))
        }
        let line = ask.notification("notification", "read back: \(answer.word)", since: began)
        guard let report = answer, let subject = try await ask.subject(of: report, on: reference, account) else {
            return .notOurs
        }
        ask.store.notes.note(line, about: subject.file.record.id)
        return try await take(subject.report, of: subject.attempt, subject.file)
    }

    /// The payment a genuine notification names, empty when it names none; `nil` when it is forged.
    private func reference(
        in notification: ProviderNotification, _ adapter: any PaymentProvider, _ access: AccountAccess
    ) async throws -> String? {
        do throws(OutcomeUnknown) {
            switch try await adapter.verify(notification, access) {
            case .genuine(let reference): return reference ?? ""
            case .forged: return nil
            }
        } catch {
            // Whoever sent it comes again; taking it unread could lose it.
            throw ProviderRejection.notReached
        }
    }

    private func take(
        _ report: ProviderReport, of attempt: AttemptID, _ file: AskProvider.File
    ) async throws -> Outcome {
        let (payment, account) = (file.record.id, file.account)
        let prompt = Prompt.own("\(account.provider.rawValue) notification", account.organisation, ids)
        guard try await !ask.record(report, of: attempt, file, prompt) else { return .recorded }
        // Nothing decided may mean that the client agreed and the provider waits for our word.
        guard report.status == .pending, file.provider.capabilities.waitsForOurWord else { return .nothingNew }
        return try await ask.settle(payment, prompt) ? .recorded : .nothingNew
    }

    /// The provider does not answer its own notification.
    ///
    /// A payment that is asked about until it is decided is the next to be asked. Nobody asks about what was accepted,
    /// nor knows yet what a payment intent or a capture belongs to: not taken, the notification comes again (C-03).
    private func later(_ reference: String, _ account: AccountRecord, _ line: ExchangeLine) async throws -> Outcome {
        let record = try await ask.owner(reference, nil, account)
        if let record { ask.store.notes.note(line, about: record.id) }
        guard let record, record.payment.isAsked(about: reference) else { throw ProviderRejection.notReached }
        try await ask.store.hurry(record.id, of: account.organisation)
        return .later
    }
}
