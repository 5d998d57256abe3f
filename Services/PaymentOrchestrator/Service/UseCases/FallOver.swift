import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

/// Lets a client pay by the next method the clinic allows, PAY-13: only once the first cannot have charged.
///
/// The methods come in one order, so what was tried never comes again; the second payment has a link of its own.
struct FallOver: Sendable {
    let request: RequestPayment

    private var ask: AskProvider { request.ask }

    /// The account a payment could be made with instead; `nil` where nothing gives way or the clinic has no other.
    func next(after record: PaymentRecord) async throws -> AccountRecord? {
        var trial = record.payment
        guard (try? trial.giveWay()) != nil, ask.time.now() < record.payment.terms.expiresAt else { return nil }
        let (accounts, store, organisation) = (ask.accounts, ask.store, record.organisation)
        let (all, hasRival) = try await store.database.read(organisation: organisation) { transaction in
            (
                try accounts.all(of: organisation, in: &transaction),
                try store.hasRival(of: record, in: &transaction)
            )
        }
        guard !hasRival else { return nil }
        let later = Provider.allCases.drop { $0 != record.payment.terms.provider }.dropFirst()
        let usable = all.filter {
            $0.clinic == record.clinic && $0.retiredAt == nil && $0.failedAt == nil && $0.contract.canCreatePayments
                && later.contains($0.provider)
        }
        // Where there is no other account, whoever waits for the page waits for no rule of invoicing's.
        guard !usable.isEmpty else { return nil }
        let refusals = try await request.readMethods.refusals(in: organisation)
        for provider in later {
            guard refusals[provider] == nil, let account = usable.first(where: { $0.provider == provider }),
                account.settings.offeredPlans.contains(.now), let terms = account.contract.terms(of: .now),
                // A way that is offered has to lead somewhere.
                terms.refusal(of: record.payment.terms.amount) == nil,
                await ask.condition(account.id).brokenUntil == nil
            else { continue }
            return account
        }
        return nil
    }

    /// The link's token of the second payment, the same one however often the client asks; `nil` where there is none.
    func run(_ record: PaymentRecord, _ prompt: Prompt) async throws -> String? {
        let store = ask.store
        let cause = Cause(
            .step("fall-over", of: EventID(record.id.value)), organisation: record.organisation, actor: prompt.actor,
            correlation: prompt.correlation, traceparent: prompt.traceparent)
        if let known: PaymentID = try await store.database.answer(to: cause) {
            return try await token(of: known, record)
        }
        guard let account = try await next(after: record), let client = record.client else { return nil }
        let (made, facts, draft, call) = try await payment(instead: record, of: client, by: account)
        do {
            let applied = try await store.database.change(because: cause) { change in
                // The client before its payments, as whoever erases it.
                try beAlone(with: record, in: &change)
                try request.admit(draft, in: &change)
                try store.apply(
                    record.id, owing: record.payment.terms.debt, .outcome, { payment, _ in try payment.giveWay() },
                    in: &change)
                try store.insert(made, facts: facts, after: call, in: &change)
                return made.id
            }
            return try await token(of: applied.answer, record)
        } catch is PaymentRejection, is Receivable.Rejection, is RequestPayment.Rejection, is OtherPaymentIsLive,
            is ClientMerged
        {
            // Our page shows what came in between.
            return nil
        }
    }

    /// No index knows what a free amount is for, as one does for a debt: of all who would pay one of the client's
    /// in another way at this moment the first does, and the others see it.
    private func beAlone(with record: PaymentRecord, in change: inout Change) throws {
        guard record.payment.terms.debt == nil else { return }
        request.clients.holdAlone(record.payment.terms.client, in: &change)
        if try ask.store.hasRival(of: record, in: &change.transaction) { throw OtherPaymentIsLive() }
    }

    private func payment(
        instead record: PaymentRecord, of client: ClientDetails, by account: AccountRecord
    ) async throws -> (PaymentRecord, [PaymentFact], RequestPayment.Draft, ExchangeLine?) {
        let terms = record.payment.terms
        let clinic = try await ask.store.database.read(organisation: record.organisation) { transaction in
            try request.clinics.find(record.clinic, of: record.organisation, in: &transaction)
        }
        guard let clinic else { throw RequestPayment.Rejection.clinicNotDescribed }
        let draft = RequestPayment.Draft(
            clinic: record.clinic, debt: terms.debt, client: terms.client, amount: terms.amount, plan: .now,
            provider: account.provider, channel: .browser, confirmation: .nothing, feeOffered: nil,
            details: client, title: record.title, requestedBy: record.requestedBy, another: true)
        let (quote, call) = try await request.quote(draft, client, account)
        let asked = try request.record(draft, client, clinic, account, quote)
        var made = asked.0
        made.insteadOf = record.id
        return (made, asked.1, draft, call)
    }

    private func token(of payment: PaymentID, _ record: PaymentRecord) async throws -> String? {
        let store = ask.store
        let found = try await store.database.read(organisation: record.organisation) { transaction in
            try store.find(payment, of: record.organisation, in: &transaction)
        }
        return try found.map { try ask.sealer.open($0.token.sealed, of: $0.id).reveal() }
    }
}
