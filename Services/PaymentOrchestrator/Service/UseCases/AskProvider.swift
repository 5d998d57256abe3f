import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Asks providers and records what they say: the one way for webhook, return, poll, sweep and a person's click.
struct AskProvider: Sendable {
    let providers: [Provider: any PaymentProvider]
    let store: PaymentStore
    let sealer: Sealer
    let ids: IdentifierSource
    let time: TimeSource
    /// How an account's calls fare.
    let condition: @Sendable (ProviderAccountID) async -> AccountCondition
    let accounts = ProviderAccountStore()

    /// A payment with what it takes to ask about it.
    struct File: Sendable {
        let record: PaymentRecord
        let account: AccountRecord
        let access: AccountAccess
        let provider: any PaymentProvider
        /// When it was read: what is done because of it leaves in time or not at all.
        let readAt: Instant
    }

    /// Reads a payment and opens its account.
    func file(_ id: PaymentID, of organisation: OrganisationID) async throws -> File {
        let readAt = time.now()
        let (record, account) = try await store.database.read(organisation: organisation) { transaction in
            let (found, account) = try transaction.read(
                store.finding(id, of: organisation),
                accounts.finding(ofPayment: "id = \(id) AND organisation = \(organisation)"))
            return (try store.withRefunds(found, in: &transaction), account)
        }
        guard let record, let account else { throw NotFound.payment }
        return try file(record, account, readAt: readAt)
    }

    /// The same for a payment and its account that were read already.
    func file(_ record: PaymentRecord, _ account: AccountRecord, readAt: Instant? = nil) throws -> File {
        File(
            record: record, account: account, access: try access(to: account),
            provider: try provider(account.provider), readAt: readAt ?? time.now())
    }

    func provider(_ provider: Provider) throws -> any PaymentProvider {
        guard let adapter = providers[provider] else { throw ProviderNotBuilt(provider: provider) }
        return adapter
    }

    /// Refuses an amount in a currency that the provider takes from nobody.
    func requireCurrency(of amount: Money, at provider: Provider) throws {
        let adapter = try self.provider(provider)
        guard let taken = adapter.capabilities.currencies, !taken.contains(amount.currency) else { return }
        throw RequestPayment.Rejection.otherCurrency(provider, taken)
    }

    /// Asks the provider everything that is open about a payment; answers whether anything new was learnt.
    @discardableResult func settle(_ id: PaymentID, _ prompt: Prompt) async throws -> Bool {
        try await settle(file(id, of: prompt.organisation), prompt) == .news
    }

    /// The same for a payment that was read just now.
    func settle(_ file: File, _ prompt: Prompt) async throws -> Learnt {
        try await perform(file.record.payment.pendingCalls, file, prompt)
    }

    /// Asks how things stand, and calls nothing off and gives nothing back.
    ///
    /// What the client has agreed to is taken where the provider waits for our word: that is what the client came for.
    /// Throws where a reading was not answered: who asks right afterwards must not take it for one that was.
    func look(at id: PaymentID, _ prompt: Prompt) async throws {
        let file = try await file(id, of: prompt.organisation)
        var isAnswered = true
        for question in file.record.payment.pendingCalls.compactMap(\.question) {
            if try await perform(question, file, prompt) == .notAnswered { isAnswered = false }
        }
        guard isAnswered else { throw ProviderRejection.notReached }
    }

    private func perform(_ calls: [PendingCall], _ file: File, _ prompt: Prompt) async throws -> Learnt {
        var learnt = Learnt.nothing
        for call in calls { learnt = max(learnt, try await perform(call, file, prompt)) }
        return learnt
    }

    private func perform(_ call: PendingCall, _ file: File, _ prompt: Prompt) async throws -> Learnt {
        let isNews: Bool
        switch call {
        case .findAttempt(let attempt): isNews = try await find(attempt, file, prompt)
        case .read(let attempt, let reference): return try await read(reference, attempt, file, prompt)
        case .follow(let attempt, let reference):
            guard let report = await report(on: reference, file) else { return .notAnswered }
            isNews = try await record(report, of: attempt, file, prompt)
        case .cancel(let attempt, let reference): isNews = try await cancel(reference, attempt, file, prompt)
        case .settleRefund(let refund, _): isNews = try await askAboutRefund(refund, file, prompt)
        }
        return isNews ? .news : .nothing
    }

    /// Whether whoever asked before still has time for its answer.
    private func isLeased(since instant: Instant) -> Bool { time.now() - instant < store.intentLease }
}

/// Why a provider's answer is of no use to whoever waits for it.
enum ProviderRejection: Error, Hashable, Sendable {
    case notReached
    case refused(String)
}

/// The clinic's account is at a provider this version cannot speak to.
struct ProviderNotBuilt: Error, Hashable, Sendable {
    /// The provider.
    let provider: Provider
}

// MARK: Payments

extension AskProvider {
    private func find(_ id: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        guard let attempt = file.record.payment.attempts.first(where: { $0.id == id }) else { return false }
        let isLeased = isLeased(since: attempt.startedAt)
        // Its own call may be under way; asking now could find nothing a moment before there is something.
        guard !(attempt.state == .starting && isLeased) else { return false }
        let report: ProviderReport?
        do throws(OutcomeUnknown) {
            report = try await noted("find", file, \.word) { () async throws(OutcomeUnknown) in
                try own(try await file.provider.find(id, startedAt: attempt.startedAt, file.access), file)
            }
        } catch {
            guard attempt.state == .starting else { return false }
            try await recordStart(of: id, .unknown, file, prompt)
            return true
        }
        if let report { return try await record(report, of: id, file, prompt) }
        guard !isLeased else { return false }
        try await recordStart(of: id, .neverReached, file, prompt)
        return true
    }

    private func read(_ reference: String, _ attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Learnt
    {
        guard let report = await collected(reference, of: attempt, file) else { return .notAnswered }
        // Another try's object may have taken the money before this one could.
        let taken = file.record.payment.attempts.first { $0.id == report.attempt }?.id ?? attempt
        return try await record(report, of: taken, file, prompt) ? .news : .nothing
    }

    private func cancel(_ reference: String, _ attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool
    {
        do throws(OutcomeUnknown) {
            _ = try await noted("cancel", file, \.word) { () async throws(OutcomeUnknown) in
                try await file.provider.cancel(reference, file.access)
            }
        } catch {
            // Whatever the answer, the payment is read back: a refusal means that the client was first.
        }
        if let report = await report(on: reference, file) { return try await record(report, of: attempt, file, prompt) }
        try await store.update(file.record.id, because: prompt.cause("cancel-unknown", ids), .outcome) { payment, _ in
            payment.recordCancelUnknown()
        }
        return false
    }
}

// MARK: Refunds

extension AskProvider {
    /// Asks whether the provider made a refund, and orders it again when it did not and no order can be on its way.
    ///
    /// Nothing is ordered beside money that nobody knows of: a person says first what that is.
    private func askAboutRefund(_ id: RefundID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        guard let known = file.refund(id), !isLeased(since: known.refund.orderedAt),
            let report = await report(on: known.reference, file)
        else { return false }
        let isListed = report.refunds.contains { $0.id == id } || report.pendingRefunds.contains { $0.id == id }
        if isListed || known.refund.isTaken || file.record.payment.isPuzzled(by: report) {
            return try await record(report, about: known, file, prompt)
        }
        let (now, seen, lease) = (time.now(), known.refund.orderedAt, store.intentLease)
        do {
            try await store.update(file.record.id, because: prompt.cause("refund-again", ids), .intent) { payment, _ in
                try payment.orderRefundAgain(id, seen: seen, at: now, lease: lease)
                return []
            }
        } catch PaymentRejection.refundBeingOrdered {
            // Of several who looked at the same time one was let through.
            return false
        }
        try await order(id, orderedAt: now, file, prompt)
        return true
    }

    /// Asks what became of a refund and orders nothing, whatever the provider says of it.
    func look(for id: RefundID, _ file: File, _ prompt: Prompt) async throws {
        guard let known = file.refund(id) else { return }
        // What is read before its last order had its time says nothing of that order.
        guard !isLeased(since: known.refund.orderedAt) else { throw ResolutionRejection.refundUnderWay }
        guard let report = await report(on: known.reference, file) else { return }
        _ = try await record(report, about: known, file, prompt)
    }

    /// Records what the provider says; where it has a refund's order and has not carried it out, that needs no other.
    private func record(
        _ report: ProviderReport, about known: File.KnownRefund, _ file: File, _ prompt: Prompt
    ) async throws -> Bool {
        let learnt = try await record(report, of: known.attempt, file, prompt)
        let id = known.refund.id
        guard !known.refund.isTaken, let taken = report.pendingRefunds.first(where: { $0.id == id }) else {
            return learnt
        }
        try await store.update(file.record.id, because: prompt.cause("refund-outcome", ids), .outcome) { payment, _ in
            try payment.recordRefund(id, .pending(reference: taken.reference))
        }
        return true
    }

    /// Orders a refund whose intent is committed, and records the outcome.
    func order(_ id: RefundID, orderedAt: Instant, _ file: File, _ prompt: Prompt) async throws {
        guard let known = file.refund(id) else { return }
        let order = RefundOrder(
            id: id, reference: known.reference, capture: file.record.payment.capture(of: known.reference),
            amount: known.refund.amount)
        var outcome: RefundOutcome
        do throws(OutcomeUnknown) {
            outcome = try await noted("refund", file, \.word) { () async throws(OutcomeUnknown) in
                try await file.provider.refund(order, leased(file.access, since: orderedAt))
            }
        } catch {
            outcome = .unknown
        }
        let report = await report(on: known.reference, file)
        if case .refused = outcome {
            // An earlier order of ours may have come through after all; until that is clear nothing is refused.
            if report == nil { outcome = .unknown }
            if let report, report.refunds.contains(where: { $0.id == id }) {
                _ = try await record(report, of: known.attempt, file, prompt)
                return
            }
            if let taken = report?.pendingRefunds.first(where: { $0.id == id }) {
                outcome = .pending(reference: taken.reference)
            }
        }
        let result = outcome
        try await store.update(file.record.id, because: prompt.cause("refund-outcome", ids), .outcome) { payment, _ in
            try payment.recordRefund(id, result)
        }
        // Once more, for what else the provider gave back meanwhile.
        if let report { _ = try await record(report, of: known.attempt, file, prompt) }
    }

    /// An act leaves in the first half of its lease or not at all; the second half is for it to arrive.
    func leased(_ access: AccountAccess, since instant: Instant) -> AccountAccess {
        access.leaving(before: instant.adding(store.intentLease / 2))
    }
}

extension AskProvider.File {
    fileprivate typealias KnownRefund = (refund: Refund, reference: String, attempt: AttemptID)

    /// A refund with where its payment is at the provider.
    fileprivate func refund(_ id: RefundID) -> KnownRefund? {
        guard let refund = record.payment.refunds.first(where: { $0.id == id }),
            let reference = record.payment.acceptance?.reference,
            let attempt = record.payment.attempts.first(where: { $0.reference == reference })?.id
        else { return nil }
        return (refund, reference, attempt)
    }
}

// MARK: Recording

extension AskProvider {
    /// Records the outcome of an attempt's start; answers whether the client may pay by this attempt now.
    ///
    /// The payment being open is not enough: another attempt may have taken this one's place meanwhile.
    @discardableResult
    func recordStart(of attempt: AttemptID, _ outcome: StartOutcome, _ file: File, _ prompt: Prompt) async throws
        -> Bool
    {
        // The intent is on the disk, and the provider says the same again to whoever has lost its answer.
        let isAskedAgain = outcome.isOpened && file.provider.capabilities.findsAttempts
        return try await store.database.change(because: prompt.cause("start-outcome", ids)) { change in
            var isPayable = false
            let decide = { (payment: inout Payment, _: Receivable?) throws(PaymentRejection) in
                let facts = try payment.recordStart(of: attempt, outcome)
                isPayable = payment.state == .open && payment.liveAttempt?.id == attempt
                return facts
            }
            try store.apply(file.record.id, .outcome, decide, in: &change)
            // About a try that was given up meanwhile nobody asks: what the provider holds of it must stay known.
            if isAskedAgain, isPayable { change.commitAheadOfDisk() }
            return isPayable
        }.answer
    }

    /// Records what the provider says, which MUST have been asked after the file was read; a report that says nothing
    /// new costs no transaction.
    func record(_ report: ProviderReport, of attempt: AttemptID, _ file: File, _ prompt: Prompt) async throws -> Bool {
        var trial = file.record.payment
        let context = try context(file, receivableSettled: false)
        let facts = try trial.observe(report, of: attempt, in: context)
        guard trial != file.record.payment || !facts.isEmpty else { return false }
        let (id, debt) = (file.record.id, file.record.payment.terms.debt)
        try await store.update(id, owing: debt, because: prompt.cause("read-back", ids), .outcome) {
            payment, receivable in
            let context = try self.context(file, receivableSettled: receivable?.isSettled == true)
            return try payment.observe(report, of: attempt, in: context)
        }
        return true
    }

    /// Reads a payment back for somebody who cannot go on without the answer.
    func reading(of reference: String, _ file: File) async throws -> ProviderReport? {
        do throws(OutcomeUnknown) {
            return try await read(reference, file)
        } catch {
            throw ProviderRejection.notReached
        }
    }

    private func report(on reference: String, _ file: File) async -> ProviderReport? {
        do throws(OutcomeUnknown) {
            return try await read(reference, file)
        } catch {
            // Not knowing is nothing new: the payment stays due and is asked about again.
            return nil
        }
    }

    /// Reads a payment, and takes what the client agreed to unless the payment is being called off.
    ///
    /// Only of the try that is payable: one that was given up stays untaken, though the client agreed to both.
    private func collected(_ reference: String, of attempt: AttemptID, _ file: File) async -> ProviderReport? {
        let payment = file.record.payment
        let isPayable = payment.state == .open && payment.liveAttempt?.id == attempt
        guard isPayable else { return await report(on: reference, file) }
        do throws(OutcomeUnknown) {
            return try await noted("collect", file, \.word) { () async throws(OutcomeUnknown) -> ProviderReport? in
                // It leaves while whoever calls the payment off still waits for it.
                let report = try await file.provider.collect(
                    reference, since: file.record.createdAt, leased(file.access, since: file.readAt))
                return try own(report, file)
            }
        } catch {
            return nil
        }
    }

    private func read(_ reference: String, _ file: File) async throws(OutcomeUnknown) -> ProviderReport? {
        try await noted("read", file, \.word) { () async throws(OutcomeUnknown) -> ProviderReport? in
            let report = try own(try await file.provider.report(on: reference, file.access), file)
            // The object that was paid may be forgotten before its money is.
            let payment = file.record.payment
            guard report?.status == .lapsed, let capture = payment.capture(of: reference) else { return report }
            let refunds = payment.refundReferences(of: reference)
            let money = try await file.provider.report(onMoney: capture, givenBack: refunds, file.access)
            return money?.reference == reference ? try own(money, file) : report
        }
    }

    func context(_ file: File, receivableSettled: Bool) throws -> ObservationContext {
        let terms = file.record.payment.terms
        let expected = try file.account.contract.terms(of: terms.plan)?.expectedFee(
            on: terms.amount, feeOffered: terms.feeOffered, vatRate: file.account.settings.feeVATRate)
        let none = Money.zero(terms.amount.currency)
        let calendar = store.calendar.at(file.record.timeZone)
        return ObservationContext(
            now: time.now(), localDate: { calendar.date(of: $0) },
            payoutOffsetDays: file.account.settings.payoutOffsetDays,
            fallbackFee: expected ?? ProviderFee(net: none, vat: none), receivableSettled: receivableSettled,
            lateCapture: file.provider.capabilities.waitsForOurWord ? store.intentLease : nil,
            failedRefunds: Set(file.record.payment.refunds.filter(\.state.failedByList).map(\.id)),
            endedDisputes: file.record.payment.endedDisputes,
            knowsAcceptance: file.record.payment.acceptance != nil, orderLease: store.intentLease,
            nameRefund: { [ids] in ids.make() })
    }
}
