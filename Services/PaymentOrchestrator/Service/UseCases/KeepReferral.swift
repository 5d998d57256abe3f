import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Keeps the referral link of an account, and how far it came (PAY-16).
struct KeepReferral: Sendable {
    let database: Database
    let time: TimeSource
    let accounts = ProviderAccountStore()

    /// Another link takes the place of the one before; `version` is the one the person saw.
    func run(
        _ id: ProviderAccountID, _ url: String, _ state: ReferralLink.State, seen version: Int64, because cause: Cause
    ) async throws {
        let now = time.now()
        try await database.change(because: cause) { change in
            guard var account = try accounts.lock(id, of: cause.organisation, in: &change) else {
                throw NotFound.account
            }
            guard account.version == version else { throw StaleVersion(current: account.version) }
            if var known = account.referral, known.url == url {
                try known.move(to: state, at: now)
                account.referral = known
            } else {
                account.referral = ReferralLink(url: url, state: state, since: now)
            }
            account.version += 1
            try accounts.save(account, in: &change)
        }
    }
}
