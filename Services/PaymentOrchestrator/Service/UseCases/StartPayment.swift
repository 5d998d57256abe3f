import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Has the provider open a payment whose link the client opened: intent, call, outcome.
struct StartPayment: Sendable {
    /// Where the client goes.
    enum Answer: Sendable {
        /// To the provider's page.
        case provider(String)
        /// Back to our page, which says how things stand.
        case page
    }

    let ask: AskProvider
    let addresses: PublicAddresses
    let looks: LinkLooks
    let ids: IdentifierSource
    let time: TimeSource

    /// Opens the payment that a link leads to; `nil` where it leads nowhere.
    ///
    /// Whoever asked may be gone any moment: what was begun belongs together all the same. It runs on the threads that
    /// have connections, since on a busy machine each hand-over to another thread waits for its turn.
    func run(
        _ hash: [UInt8], _ prompt: @escaping @Sendable (OrganisationID) -> Prompt
    ) async throws -> Answer? {
        let (store, accounts) = (ask.store, ask.accounts)
        return try await Task(executorPreference: store.database.pool.executor) { () async throws -> Answer? in
            let found = try await store.database.read(organisation: nil) { transaction in
                try store.find(byTokenHash: hash, with: accounts, in: &transaction)
            }
            guard let (record, account) = found else { return nil }
            return try await begin(record, with: account, prompt(record.organisation))
        }.value
    }

    private func begin(
        _ record: PaymentRecord, with account: AccountRecord, _ prompt: Prompt, hasAsked: Bool = false
    ) async throws -> Answer {
        let attempt: AttemptID = ids.make()
        let now = time.now()
        do {
            guard try await intend(attempt, at: now, record, prompt) else { return .page }
        } catch PaymentRejection.alreadyOpen(let payURL) {
            // After asking it is the page of whoever began anew at the same time.
            guard !hasAsked else { return .provider(payURL) }
            return try await goOn(to: payURL, record, with: account, prompt)
        } catch is PaymentRejection {
            // Our page shows the state that made it refuse.
            return .page
        }
        return try await finish(attempt, at: now, ask.file(record, account), prompt)
    }

    /// Back to the page that was opened before; past the time such a page has, the provider is asked first whether it
    /// is there, and what lapsed makes room for another.
    private func goOn(
        to payURL: String, _ record: PaymentRecord, with account: AccountRecord, _ prompt: Prompt
    ) async throws -> Answer {
        let lifetime = try ask.provider(account.provider).capabilities.pageLifetimeMax
        guard let live = record.payment.liveAttempt, let reference = live.reference,
            time.now() - live.startedAt >= lifetime
        else { return .provider(payURL) }
        do {
            try await looks.look(at: record.id) {
                let file = try ask.file(record, account)
                // What the provider has not got is paid nowhere, and nobody knows why.
                guard let report = try await ask.reading(of: reference, file) else {
                    throw ProviderRejection.notReached
                }
                _ = try await ask.record(report, of: live.id, file, prompt)
            }
        } catch ProviderRejection.notReached {
            return .page
        }
        // What was found is recorded, also where somebody else has just looked.
        return try await begin(record, with: account, prompt, hasAsked: true)
    }

    /// Whether the call may be made.
    private func intend(_ attempt: AttemptID, at now: Instant, _ record: PaymentRecord, _ prompt: Prompt) async throws
        -> Bool
    {
        let state = try await ask.store.update(
            record.id, owing: record.payment.terms.debt, because: prompt.cause("start", ids), .intent
        ) { payment, receivable in
            try payment.start(attempt, at: now, receivable: receivable)
        }
        return state == .starting
    }

    /// The file is from before the intent: what an order says does not change, and its outcome is decided anew.
    private func finish(_ attempt: AttemptID, at now: Instant, _ file: AskProvider.File, _ prompt: Prompt) async throws
        -> Answer
    {
        let outcome = try await call(attempt, at: now, file)
        let isPayable = try await ask.recordStart(of: attempt, outcome, file, prompt)
        guard case .opened(_, let payURL) = outcome else { return .page }
        guard isPayable else {
            // Called off, or given up and begun anew: the provider must hear of it before the client gets there.
            try await ask.settle(file.record.id, prompt)
            return .page
        }
        return .provider(payURL)
    }

    private func call(_ attempt: AttemptID, at now: Instant, _ file: AskProvider.File) async throws -> StartOutcome {
        let record = file.record
        // Somebody who was erased is told to no provider.
        guard let client = record.client else { return .neverReached }
        let token = try ask.sealer.open(record.token.sealed, of: record.id)
        let order = StartOrder(
            terms: record.payment.terms, attempt: attempt, client: client, title: record.title,
            lifetime: record.payment.terms.expiresAt - time.now(),
            addresses: addresses.returning(token, account: file.account.id, provider: file.account.provider))
        do throws(OutcomeUnknown) {
            return try await ask.noted("start", file, \.word) { () async throws(OutcomeUnknown) in
                try await file.provider.start(order, ask.leased(file.access, since: now))
            }
        } catch {
            return .unknown
        }
    }
}
