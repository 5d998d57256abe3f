import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Asks providers and records what they say: the one way for webhook, return, poll, sweep and a person's click.
struct ProviderDesk: Sendable {
    let providers: [Provider: any PaymentProvider]
    let store: PaymentStore
    let sealer: Sealer
    let calendar: ClinicCalendar
    let ids: IdentifierSource
    let time: TimeSource

    /// A payment with what it takes to ask about it.
    struct File: Sendable {
        let record: PaymentRecord
        let account: AccountRecord
        let access: AccountAccess
        let provider: any PaymentProvider
    }

    /// Reads a payment and opens its account.
    func file(_ id: PaymentID, of organisation: OrganisationID) async throws -> File {
        let (record, account) = try await store.database.read(organisation: organisation) { transaction in
            guard let record = try PaymentTable.find(id, of: organisation, in: &transaction),
                let account = try AccountTable.find(record.payment.terms.account, of: organisation, in: &transaction)
            else { throw PaymentNotFound() }
            return (record, account)
        }
        return File(
            record: record, account: account, access: try account.access(sealer),
            provider: try provider(account.provider))
    }

    func provider(_ provider: Provider) throws -> any PaymentProvider {
        guard let adapter = providers[provider] else { throw ProviderNotBuilt(provider: provider) }
        return adapter
    }

    /// Asks the provider everything that is open about a payment; answers whether anything new was learnt.
    @discardableResult func settle(_ id: PaymentID, _ prompt: Prompt) async throws -> Bool {
        let file = try await file(id, of: prompt.organisation)
        var learnt = false
        for call in file.record.payment.pendingCalls { if try await perform(call, file, prompt) { learnt = true } }
        return learnt
    }

    private func perform(_ call: PendingCall, _ file: File, _ prompt: Prompt) async throws -> Bool {
        switch call {
        case .findAttempt(let attempt): return try await find(attempt, file, prompt)
        case .read(let attempt, let reference): return try await read(reference, attempt, file, prompt)
        case .cancel(let attempt, let reference): return try await cancel(reference, attempt, file, prompt)
        case .settleRefund(let refund, let reference): return try await settle(refund, reference, file, prompt)
        }
    }

    /// Whether whoever asked before still has time for its answer.
    private func isLeased(since instant: Instant) -> Bool { time.now() - instant < store.intentLease }
}

/// The clinic's account is at a provider this version cannot speak to.
struct ProviderNotBuilt: Error, Hashable, Sendable {
    /// The provider.
    let provider: Provider
}

// MARK: The four questions

extension ProviderDesk {
    private func find(_ id: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        guard let attempt = file.record.payment.attempts.first(where: { $0.id == id }) else { return false }
        let isLeased = isLeased(since: attempt.startedAt)
        // Its own call may be under way; asking now could find nothing a moment before there is something.
        guard !(attempt.state == .starting && isLeased) else { return false }
        let report: ProviderReport?
        do {
            report = try await file.provider.find(id, startedAt: attempt.startedAt, file.access)
        } catch {
            guard attempt.state == .starting else { return false }
            _ = try await recordStart(of: id, .unknown, file, prompt)
            return true
        }
        if let report { return try await record(report, of: id, file, prompt) }
        guard !isLeased else { return false }
        _ = try await recordStart(of: id, .neverReached, file, prompt)
        return true
    }

    private func read(_ reference: String, _ attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        guard let report = await report(on: reference, file) else { return false }
        return try await record(report, of: attempt, file, prompt)
    }

    private func cancel(_ reference: String, _ attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool
    {
        // Whatever the answer, the payment is read back: a refusal means that the client was first.
        _ = try? await file.provider.cancel(reference, file.access)
        if let report = await report(on: reference, file) { return try await record(report, of: attempt, file, prompt) }
        try await store.update(file.record.id, because: prompt.cause("cancel-unknown", ids), .outcome) { payment, _ in
            payment.recordCancelUnknown()
        }
        return false
    }

    private func settle(_ id: RefundID, _ reference: String, _ file: File, _ prompt: Prompt) async throws -> Bool {
        guard let refund = file.record.payment.refunds.first(where: { $0.id == id }),
            !isLeased(since: refund.orderedAt),
            let attempt = file.record.payment.attempts.first(where: { $0.reference == reference }),
            let report = await report(on: reference, file)
        else { return false }
        if report.refunds.contains(where: { $0.id == id }) {
            return try await record(report, of: attempt.id, file, prompt)
        }
        let now = time.now()
        try await store.update(file.record.id, because: prompt.cause("refund-again", ids), .intent) { payment, _ in
            try payment.orderRefundAgain(id, at: now)
            return []
        }
        try await order(id, file, prompt)
        return true
    }

    /// Orders a refund whose intent is committed, and records the outcome.
    func order(_ id: RefundID, _ file: File, _ prompt: Prompt) async throws {
        guard let refund = file.record.payment.refunds.first(where: { $0.id == id }),
            let reference = file.record.payment.acceptance?.reference
        else { return }
        let order = RefundOrder(id: id, reference: reference, amount: refund.amount)
        let outcome: RefundOutcome
        do {
            outcome = try await file.provider.refund(order, file.access)
        } catch {
            outcome = .unknown
        }
        try await store.update(file.record.id, because: prompt.cause("refund-outcome", ids), .outcome) { payment, _ in
            try payment.recordRefund(id, outcome)
        }
    }
}

// MARK: Recording

extension ProviderDesk {
    /// Records the outcome of an attempt's start; answers the state the payment is in now.
    func recordStart(of attempt: AttemptID, _ outcome: StartOutcome, _ file: File, _ prompt: Prompt) async throws
        -> PaymentState
    {
        try await store.update(file.record.id, because: prompt.cause("start-outcome", ids), .outcome) { payment, _ in
            try payment.recordStart(of: attempt, outcome)
        }
    }

    /// Records what the provider says; a report that says nothing new costs no transaction.
    func record(_ report: ProviderReport, of attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        var trial = file.record.payment
        let context = try context(file, receivableSettled: false)
        let facts = try trial.observe(report, of: attempt, in: context)
        guard trial != file.record.payment || !facts.isEmpty else { return false }
        try await store.update(file.record.id, because: prompt.cause("read-back", ids), .outcome) { payment, change in
            let settled = try isSettled(payment, in: &change)
            return try payment.observe(report, of: attempt, in: try self.context(file, receivableSettled: settled))
        }
        return true
    }

    private func report(on reference: String, _ file: File) async -> ProviderReport? {
        // Not knowing is nothing new: the payment stays due and is asked about again.
        try? await file.provider.report(on: reference, file.access)
    }

    private func isSettled(_ payment: Payment, in change: inout Change) throws -> Bool {
        guard let invoice = payment.terms.invoice else { return false }
        return try ReceivableTable.hold(invoice, of: change.cause.organisation, in: &change)?.isSettled ?? false
    }

    private func context(_ file: File, receivableSettled: Bool) throws -> ObservationContext {
        let terms = file.record.payment.terms
        let expected = try file.account.contract.terms(of: terms.plan)?.expectedFee(
            on: terms.amount, feeOffered: terms.feeOffered, vatRate: file.account.settings.feeVATRate)
        let none = Money.zero(terms.amount.currency)
        return ObservationContext(
            now: time.now(), localDate: { calendar.date(of: $0) },
            payoutOffsetDays: file.account.settings.payoutOffsetDays,
            fallbackFee: expected ?? ProviderFee(net: none, vat: none), receivableSettled: receivableSettled)
    }
}
