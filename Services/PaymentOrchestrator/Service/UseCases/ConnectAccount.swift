import EventContract
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

    /// Why the account is not connected.
    enum Rejection: Error, Hashable, Sendable {
        case keyRefused(String)
        /// What is under way at the merchant of the old key could not be asked about with the new one.
        case otherMerchantWhilePaymentsAreOpen
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let time: TimeSource
    let accounts = ProviderAccountStore()

    func run(_ draft: Draft, because cause: Cause) async throws -> ProviderAccountID {
        if let known: ProviderAccountID = try await ask.store.database.answer(to: cause) { return known }
        let organisation = cause.organisation
        let known = try await ask.store.database.read(organisation: organisation) { transaction in
            try accounts.find(of: draft.clinic, organisation, at: draft.provider, in: &transaction)
        }
        let id = known?.id ?? ids.make()
        let contract = try await contract(draft, id)
        let plans = try ask.provider(draft.provider).capabilities.plans
        let key = try ask.sealer.seal(draft.credentials.text, for: id)
        let now = time.now()
        return try await ask.store.database.change(because: cause) { change in
            var account =
                try accounts.lock(id, of: organisation, in: &change)
                ?? AccountRecord(
                    id: id, organisation: organisation, clinic: draft.clinic, provider: draft.provider, key: key,
                    contract: contract, settings: .standard(offering: plans), connectedAt: now, version: 0)
            if account.contract.merchant != contract.merchant,
                try accounts.hasOpenPayments(id, of: organisation, in: &change)
            {
                throw Rejection.otherMerchantWhilePaymentsAreOpen
            }
            account.key = key
            account.contract = contract
            account.connectedAt = now
            account.version += 1
            try accounts.save(account, in: &change)
            change.announce(
                ProviderAccountConnectedV1(providerAccountID: id, provider: draft.provider), about: id,
                clinic: draft.clinic)
            return id
        }.answer
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
        case .refused(let reason): throw Rejection.keyRefused(reason)
        case .neverReached: throw ProviderRejection.notReached
        }
    }
}

extension AccountSettings {
    /// What holds until somebody chooses otherwise.
    static func standard(offering plans: [PaymentPlan]) -> AccountSettings {
        AccountSettings(
            payoutOffsetDays: 7, feeVATRate: BasisPoints(2_000), offeredPlans: plans, linkLifetimeHours: 48)
    }
}
