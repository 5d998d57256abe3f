import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

/// Asks each account's provider which payments are disputed, for what no notification told (PAY-14).
///
/// One question answers for all of an account's payments, so that looking costs the same however many there are.
struct LookForDisputes: Sendable {
    /// How far back an account is asked about that was never asked about: as long as clients may complain.
    private static let firstLook = Duration.seconds(120 * 86_400)
    /// How far two looks overlap, since providers list with a delay.
    private static let overlap = Duration.seconds(86_400)

    let ask: AskProvider
    let ids: IdentifierSource
    let every: Duration
    let logger: Logger

    func run() async throws {
        let (accounts, now) = (ask.accounts, ask.time.now())
        let due = try await ask.store.database.maintain(organisation: nil) { transaction in
            try accounts.takeForDisputes(askedBefore: now.adding(.zero - every), at: now, in: &transaction)
        }
        for account in due {
            do {
                try await look(account, at: now)
            } catch is OutcomeUnknown {
                // Not knowing is nothing new: the next look reaches as far back.
            } catch {
                logger.warning(
                    "disputes could not be looked for",
                    metadata: [
                        LogField.subjectID: "\(account.id)", LogField.reason: .string(Secret.redacting("\(error)")),
                    ])
            }
        }
    }

    private func look(_ account: AccountRecord, at now: Instant) async throws {
        let (adapter, access) = (try ask.provider(account.provider), try account.access(ask.sealer))
        let since = account.disputesKnownUntil?.adding(.zero - Self.overlap) ?? now.adding(.zero - Self.firstLook)
        for reference in try await adapter.disputed(since: since, access) {
            guard let report = try await adapter.report(on: reference, access),
                let (file, attempt) = try await ask.subject(of: report, account)
            else { continue }
            let prompt = Prompt.own("dispute job", account.organisation, ids)
            ask.noteNotification("list of disputes", about: file.record.id)
            _ = try await ask.record(report, of: attempt, file, prompt)
        }
        let accounts = ask.accounts
        try await ask.store.database.maintain(organisation: nil) { transaction in
            accounts.noteDisputes(of: account.id, knownUntil: now, in: &transaction)
        }
    }
}
