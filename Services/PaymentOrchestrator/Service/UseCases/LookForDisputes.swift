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
    private static let firstLook = Duration.seconds(180 * 86_400)
    /// How far two looks overlap, since providers list with a delay.
    private static let overlap = Duration.seconds(7 * 86_400)
    /// How many accounts are asked about together, so that a slow provider holds up few.
    private static let togetherMax = 8

    let ask: AskProvider
    let ids: IdentifierSource
    let every: Duration
    let logger: Logger

    func run() async throws {
        let (accounts, now) = (ask.accounts, ask.time.now())
        let due = try await ask.store.database.maintain(organisation: nil) { transaction in
            try accounts.takeForDisputes(askedBefore: now.adding(.zero - every), at: now, in: &transaction)
        }
        await withTaskGroup(of: Void.self) { group in
            var waiting = due.makeIterator()
            for _ in 0..<Self.togetherMax { if let next = waiting.next() { add(next, now, &group) } }
            while await group.next() != nil { if let next = waiting.next() { add(next, now, &group) } }
        }
    }

    private func add(_ account: AccountRecord, _ now: Instant, _ group: inout TaskGroup<Void>) {
        group.addTask {
            do {
                try await look(account, at: now)
            } catch {
                warn(account, "\(error)")
            }
        }
    }

    /// Only a look that missed nothing is one up to which all is known: the next reaches as far back as this one else.
    private func look(_ account: AccountRecord, at now: Instant) async throws {
        let (adapter, access) = (try ask.provider(account.provider), try account.access(ask.sealer))
        let since = account.disputesKnownUntil?.adding(.zero - Self.overlap) ?? now.adding(.zero - Self.firstLook)
        let found = try await adapter.disputed(since: since, access)
        var (unread, reason) = (found.unreadable, "an object nobody understands")
        for reference in found.references {
            do {
                try await take(reference, account, adapter, access)
            } catch {
                (unread, reason) = (unread + 1, "\(error)")
            }
        }
        guard unread == 0 else { return warn(account, reason, count: unread) }
        let accounts = ask.accounts
        try await ask.store.database.maintain(organisation: nil) { transaction in
            accounts.noteDisputes(of: account.id, knownUntil: now, in: &transaction)
        }
    }

    private func take(
        _ reference: String, _ account: AccountRecord, _ adapter: any PaymentProvider, _ access: AccountAccess
    ) async throws {
        guard let report = try await adapter.report(on: reference, access),
            let subject = try await ask.subject(of: report, on: reference, account)
        else { return }
        let prompt = Prompt.own("dispute job", account.organisation, ids)
        ask.noteNotification("list of disputes", about: subject.file.record.id)
        _ = try await ask.record(subject.report, of: subject.attempt, subject.file, prompt)
    }

    private func warn(_ account: AccountRecord, _ reason: String, count: Int? = nil) {
        var metadata: Logger.Metadata = [
            LogField.subjectID: "\(account.id)", LogField.organisationID: "\(account.organisation)",
            LogField.provider: "\(account.provider.rawValue)", LogField.reason: .string(Secret.redacting(reason)),
        ]
        if let count { metadata[LogField.count] = .stringConvertible(count) }
        logger.warning("an account's disputes are not all known", metadata: metadata)
    }
}
