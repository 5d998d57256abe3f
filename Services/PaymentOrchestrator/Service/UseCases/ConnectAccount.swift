import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Connects a clinic to a provider: the key is tried at once and kept sealed, PAY-1.
struct ConnectAccount: Sendable {
    /// What a person enters.
    struct Draft: Sendable {
        let clinic: ClinicID
        let provider: Provider
        let credentials: ProviderCredentials
    }

    /// The provider does not take the key, and why.
    struct KeyRefused: Error, Hashable {
        let reason: String
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let time: TimeSource
    let accounts = ProviderAccountStore()
    let clinics = ClinicStore()

    func run(_ draft: Draft, because cause: Cause) async throws -> ProviderAccountID {
        if let known: ProviderAccountID = try await ask.store.database.answer(to: cause) { return known }
        let new: ProviderAccountID = ids.make()
        let contract = try await contract(draft, new)
        let plans = try ask.provider(draft.provider).capabilities.plans
        let now = time.now()
        return try await ask.store.database.change(because: cause) { change in
            guard try clinics.claim(draft.clinic, in: &change) else { throw NotFound.clinic }
            let known = try accounts.lockAll(of: draft.clinic, at: draft.provider, in: &change)
            try retire(known.filter { $0.contract.merchant != contract.merchant }, at: now, in: &change)
            let former = known.first { $0.retiredAt == nil }
            let same = known.first { $0.contract.merchant == contract.merchant }
            let secrets = draft.credentials.keepingNotifications(of: credentials(of: same))
            let key = try ask.sealer.seal(secrets.text, for: same?.id ?? new)
            var account =
                same
                ?? AccountRecord(
                    id: new, organisation: cause.organisation, clinic: draft.clinic, provider: draft.provider,
                    key: key, contract: contract,
                    settings: former?.settings ?? .standard(offering: plans), connectedAt: now, version: 0)
            // Before the new day of its connection is written.
            let since = try change.read(accounts.markingSinceTold(account.id))
            account.key = key
            account.contract = contract
            account.connectedAt = now
            account.retiredAt = nil
            account.failedAt = nil
            account.failure = nil
            account.version += 1
            try accounts.save(account, in: &change)
            ask.announceConnected(account, since: since, in: &change)
            return account.id
        }.answer
    }

    /// What was entered before; nothing where the key that sealed it is gone.
    func credentials(of account: AccountRecord?) -> ProviderCredentials? {
        account.flatMap { try? $0.access(ask.sealer) }?.credentials
    }

    /// What a merchant took stays with its account and key; only new payments go to the other one.
    private func retire(_ others: [AccountRecord], at now: Instant, in change: inout Change) throws {
        for var account in others where account.retiredAt == nil {
            account.retiredAt = now
            account.version += 1
            try accounts.save(account, in: &change)
        }
    }

    private func contract(_ draft: Draft, _ id: ProviderAccountID) async throws -> ProviderContract {
        let provider = try ask.provider(draft.provider)
        let check: AccountCheck
        do throws(OutcomeUnknown) {
            check = try await provider.check(AccountAccess(id: id, credentials: draft.credentials))
        } catch {
            throw ProviderRejection.notReached
        }
        switch check {
        case .connected(let contract): return contract
        case .refused(let reason): throw KeyRefused(reason: reason)
        case .neverReached: throw ProviderRejection.notReached
        }
    }
}

extension AccountSettings {
    /// What holds until somebody chooses otherwise.
    static func standard(offering plans: [PaymentPlan]) -> AccountSettings {
        AccountSettings(
            payoutOffsetDays: 7, feeVATRate: BasisPoints(2_000), offeredPlans: plans, freePlans: [],
            linkLifetimeHours: 48)
    }
}
