import EventContract
import PaymentModel
import TransactionalMessaging

/// Tells since when an account takes payments, where that was never told (REC-3).
///
/// Whoever asks for what accounts paid out began to listen after some of them were connected.
struct AnnounceAccounts: Sendable {
    let ask: AskProvider
    let ids: IdentifierSource

    func run() async throws {
        let accounts = ask.accounts
        let untold = try await ask.store.database.read(organisation: nil) { transaction in
            try accounts.untold(in: &transaction)
        }
        for (id, organisation) in untold {
            let cause = Prompt.own("account job", organisation, ids).cause("announce-account", ids)
            try await ask.store.database.change(because: cause) { change in
                guard let account = try accounts.lock(id, of: organisation, in: &change) else { return }
                try tell(account, in: &change)
            }
        }
    }

    /// Once, by whoever comes first.
    private func tell(_ account: AccountRecord, in change: inout Change) throws {
        guard let since = try change.read(ask.accounts.markingSinceTold(account.id)) else { return }
        let calendar = ask.store.calendar
        change.announce(
            ProviderAccountConnectedV1(
                providerAccountID: account.id, provider: account.provider, since: calendar.date(of: since)),
            about: account.id, clinic: account.clinic)
    }
}
