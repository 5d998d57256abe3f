import PaymentModel
import TransactionalMessaging

/// Changes what a clinic chose for an account (PAY-2).
struct ChangeAccountSettings: Sendable {
    let database: Database
    let accounts = ProviderAccountStore()

    /// `version` is the one the person saw; another one means that somebody else was faster.
    func run(
        _ id: ProviderAccountID, to settings: AccountSettings, seen version: Int64, because cause: Cause
    ) async throws {
        try await database.change(because: cause) { change in
            guard var account = try accounts.lock(id, of: cause.organisation, in: &change) else {
                throw NotFound.account
            }
            guard account.version == version else { throw StaleVersion(current: account.version) }
            account.settings = settings
            account.version += 1
            try accounts.save(account, in: &change)
        }
    }
}

/// Somebody else changed it since it was read.
struct StaleVersion: Error {
    let current: Int64
}
