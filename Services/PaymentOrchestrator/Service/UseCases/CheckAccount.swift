import EventContract
import Logging
import Observability
import PaymentModel
import PaymentProviders
import TransactionalMessaging

/// Tries an account's key again, and tells everybody when it stops working and when it works again (PAY-14); keeps what
/// the contract has by now.
///
/// A provider that does not answer says nothing about the account: that is what the gate's breaks are for.
struct CheckAccount: Sendable {
    let ask: AskProvider
    let ids: IdentifierSource
    let logger: Logger

    func run(_ account: AccountRecord) async throws {
        let (adapter, access) = (try ask.provider(account.provider), try ask.access(to: account))
        let check: AccountCheck
        do throws(OutcomeUnknown) {
            check = try await adapter.check(access)
        } catch {
            // Not knowing is nothing new: it is tried again.
            return
        }
        switch check {
        case .connected(let contract):
            let isStopped = account.contract.canCreatePayments && !contract.canCreatePayments
            try await record(
                isStopped ? "the provider lets it take no payments" : nil, account.contract.renewed(by: contract),
                account)
        case .refused(let reason): try await record(reason, account.contract, account)
        case .neverReached: break
        }
    }

    /// What was found of a key that was replaced meanwhile says nothing of the one that is there now.
    private func record(
        _ failure: String?, _ contract: ProviderContract, _ checked: AccountRecord
    ) async throws {
        guard failure != checked.failure || contract != checked.contract else { return }
        let cause = Prompt.own("account job", checked.organisation, ids).cause("account-check", ids)
        let (accounts, now) = (ask.accounts, ask.time.now())
        try await ask.store.database.change(because: cause) { change in
            guard var account = try accounts.lock(checked.id, of: checked.organisation, in: &change),
                account.retiredAt == nil, account.key == checked.key,
                account.failure != failure || account.contract != contract
            else { return }
            let wasFailed = account.failedAt != nil
            account.contract = contract
            account.failedAt = failure == nil ? nil : account.failedAt ?? now
            account.failure = failure
            account.version += 1
            try accounts.save(account, in: &change)
            if let failure, !wasFailed { try tell(failure, account, in: &change) }
            if failure == nil, wasFailed {
                let since = try change.read(accounts.markingSinceTold(account.id))
                ask.announceConnected(account, since: since, in: &change)
            }
        }
    }

    private func tell(_ failure: String, _ account: AccountRecord, in change: inout Change) throws {
        change.announce(
            ProviderAccountFailedV1(providerAccountID: account.id, provider: account.provider, reason: failure),
            about: account.id, clinic: account.clinic)
        let metadata: Logger.Metadata = [
            LogField.subjectID: "\(account.id)", LogField.organisationID: "\(account.organisation)",
            LogField.clinicID: "\(account.clinic)", LogField.reason: .string(failure),
            LogField.remedy: "have the clinic's key entered again, or ask the provider",
        ]
        change.afterCommit { [logger] in logger.error("a provider account works no longer", metadata: metadata) }
    }
}

extension ProviderContract {
    /// What the provider says now.
    ///
    /// That payments could be made once is kept, so that it goes on being seen that they no longer can. An answer that
    /// says nothing of plans, or the same in another order, says nothing new of them.
    fileprivate func renewed(by told: ProviderContract) -> ProviderContract {
        let isNews = !told.plans.isEmpty && Set(told.plans) != Set(plans)
        return ProviderContract(
            merchant: merchant, canCreatePayments: canCreatePayments || told.canCreatePayments,
            plans: isNews ? told.plans : plans)
    }
}
