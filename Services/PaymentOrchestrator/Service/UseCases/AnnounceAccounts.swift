import EventContract
import Logging
import Observability
import PaymentModel
import TransactionalMessaging

/// Tells since when an account takes payments, where that was never told (REC-3).
///
/// Whoever asks for what accounts paid out began to listen after some of them were connected.
struct AnnounceAccounts: Sendable {
    let ask: AskProvider
    let ids: IdentifierSource
    let logger: Logger

    func run() async throws {
        let accounts = ask.accounts
        let untold = try await ask.store.database.read(organisation: nil) { transaction in
            try accounts.untold(in: &transaction)
        }
        for (id, organisation) in untold {
            do {
                try await tell(id, organisation)
            } catch {
                // The others are told of all the same, and this one at the next turn.
                logger.warning(
                    "nobody was told since when an account takes payments",
                    metadata: [LogField.subjectID: "\(id)", LogField.reason: .string(Secret.redacting("\(error)"))])
            }
        }
    }

    /// Once, by whoever comes first.
    private func tell(_ id: ProviderAccountID, _ organisation: OrganisationID) async throws {
        let cause = Prompt.own("account job", organisation, ids).cause("announce-account", ids)
        try await ask.store.database.change(because: cause) { change in
            guard let account = try ask.accounts.lock(id, of: organisation, in: &change),
                let since = try change.read(ask.accounts.markingSinceTold(id))
            else { return }
            ask.announceConnected(account, since: since, in: &change)
        }
    }
}

extension AskProvider {
    /// Tells that an account works, and since when it takes payments where that was never told.
    func announceConnected(_ account: AccountRecord, since: Instant?, in change: inout Change) {
        change.announce(
            ProviderAccountConnectedV1(
                providerAccountID: account.id, provider: account.provider,
                since: since.map { calendar(of: account).date(of: $0) }),
            about: account.id, clinic: account.clinic)
    }
}
