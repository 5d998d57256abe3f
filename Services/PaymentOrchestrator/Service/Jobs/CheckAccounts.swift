import HTTPServer
import Logging
import Metrics
import Observability
import PaymentModel
import PaymentProviders
import Synchronization
import TransactionalMessaging

/// Tries accounts' keys: each hourly, one that was turned away soon, one that has failed each minute (PAY-14).
struct CheckAccounts: Sendable {
    let check: CheckAccount
    /// The accounts of which a call was turned away, as this process saw it.
    let suspects: @Sendable () async -> [ProviderAccountID]

    /// How many accounts of a kind the health of the process names.
    private static let namedMax = 20

    private let shown = ShownFailures()

    private var ask: AskProvider { check.ask }

    func run() async throws {
        let (suspects, now, accounts) = (await suspects(), ask.time.now(), ask.accounts)
        let (due, known) = try await ask.store.database.maintain(organisation: nil) { transaction in
            (
                try accounts.takeUnchecked(suspecting: suspects, at: now, in: &transaction),
                try accounts.failed(in: &transaction)
            )
        }
        for account in due {
            do {
                try await check.run(account)
            } catch {
                // The others are tried all the same, and this one when its time comes again.
                check.logger.warning(
                    "an account's key could not be tried",
                    metadata: [
                        LogField.subjectID: "\(account.id)", LogField.organisationID: "\(account.organisation)",
                        LogField.reason: .string(Secret.redacting("\(error)")),
                    ])
            }
        }
        // Read once more only where a try may have changed it: this runs where nothing else happens too.
        shown.show(due.isEmpty ? known : try await failed())
    }

    /// The accounts that do not work, whichever process found it.
    private func failed() async throws -> [ProviderAccountID] {
        let accounts = ask.accounts
        return try await ask.store.database.read(organisation: nil) { transaction in
            try accounts.failed(in: &transaction)
        }
    }

    /// Whether every account works; one that does not is the affair of its clinic, and keeps no request out.
    func health(broken: [ProviderAccountID]) async -> HealthChecks.Outcome {
        do {
            let failed = try await failed()
            guard !failed.isEmpty || !broken.isEmpty else { return .well }
            return .impaired("Accounts that do not work: \(named(failed)); given a break: \(named(broken)).")
        } catch {
            return .unwell("The accounts can't be read.")
        }
    }

    /// How many there are, and which are the first of them.
    private func named(_ accounts: [ProviderAccountID]) -> String {
        let names = accounts.prefix(Self.namedMax).map(\.description).joined(separator: ", ")
        let more = accounts.count > Self.namedMax ? ", …" : ""
        return accounts.isEmpty ? "0" : "\(accounts.count) (\(names)\(more))"
    }
}

/// The accounts a process shows as failed in its metrics.
private final class ShownFailures: Sendable {
    private let shown = Mutex<Set<ProviderAccountID>>([])

    /// Shows these, and of those it showed before that they are so no more: they work, or were stopped here.
    func show(_ failed: [ProviderAccountID]) {
        let before = shown.withLock { shown in
            defer { shown = Set(failed) }
            return shown
        }
        for account in before.union(failed) {
            Gauge(label: "quittance_provider_account_failed", dimensions: [("account", account.description)])
                .record(failed.contains(account) ? 1 : 0)
        }
    }
}
