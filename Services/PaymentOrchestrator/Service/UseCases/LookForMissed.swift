import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Synchronization
import TransactionalMessaging

/// What providers tell once, by a notification that may be missed.
enum MissedNews: String, Sendable {
    /// A client complained of a payment.
    case disputes
    /// Money went back, maybe without an order from here.
    case refunds

    /// Who looks for it, as the history shows it.
    fileprivate var actor: String {
        switch self {
        case .disputes: "dispute job"
        case .refunds: "refund job"
        }
    }
}

/// Asks each account's provider what happened to payments of which no notification told (PAY-10, PAY-14).
///
/// One question answers for all of an account's payments; read are those alone of which the books do not have it.
struct LookForMissed: Sendable {
    /// How far back an account is asked about that was never asked about: as long as clients may complain.
    private static let firstLook = Duration.seconds(180 * 86_400)
    /// How far two looks overlap, since providers list with a delay.
    private static let overlap = Duration.seconds(7 * 86_400)
    /// How many accounts are asked about together, so that a slow provider holds up few.
    private static let togetherMax = 8

    let ask: AskProvider
    let ids: IdentifierSource
    let missed: MissedNews
    let every: Duration
    let logger: Logger
    private let strangers = Strangers()

    func run() async throws {
        let (accounts, now, missed) = (ask.accounts, ask.time.now(), missed)
        let due = try await ask.store.database.maintain(organisation: nil) { transaction in
            try accounts.take(for: missed, askedBefore: now.adding(.zero - every), at: now, in: &transaction)
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
        let (adapter, access) = (try ask.provider(account.provider), try ask.access(to: account))
        let since = account.knownUntil(missed)?.adding(.zero - Self.overlap) ?? now.adding(.zero - Self.firstLook)
        let found: NamedPayments
        switch missed {
        case .disputes: found = try await adapter.disputed(since: since, access)
        case .refunds: found = try await refunded(since: since, account, adapter, access)
        }
        var (unread, reason) = (found.unreadable, "an object nobody understands")
        for reference in strangers.left(of: found.references, at: account.id) {
            do {
                if try await !take(reference, account, adapter, access) { strangers.add(reference, at: account.id) }
            } catch {
                (unread, reason) = (unread + 1, "\(error)")
            }
        }
        guard unread == 0 else { return warn(account, reason, count: unread) }
        let (accounts, missed) = (ask.accounts, missed)
        try await ask.store.database.maintain(organisation: nil) { transaction in
            accounts.note(missed, of: account.id, knownUntil: now, in: &transaction)
        }
    }

    /// The payments of which money went back that is not in the books: of most refunds the order's own answer told.
    private func refunded(
        since: Instant, _ account: AccountRecord, _ adapter: any PaymentProvider, _ access: AccountAccess
    ) async throws -> NamedPayments {
        let listed = try await adapter.refunded(since: since, access)
        let accounts = ask.accounts
        let returned = listed.compactMap(\.returnedRefund)
        let (known, reversed) = try await ask.store.database.read(organisation: account.organisation) { transaction in
            (
                Set(try accounts.knownRefunds(among: listed.map(\.reference), at: account.provider, in: &transaction)),
                try accounts.payments(ofCompleted: returned, of: account.id, in: &transaction)
            )
        }
        return NamedPayments(
            references: listed.filter { !known.contains($0.reference) }.compactMap(\.payment) + reversed)
    }

    /// Answers whether it is one of ours, or may be: what cannot be read now is asked about again.
    private func take(
        _ reference: String, _ account: AccountRecord, _ adapter: any PaymentProvider, _ access: AccountAccess
    ) async throws -> Bool {
        let began = ask.time.now()
        let answer = try await adapter.report(on: reference, access)
        let line = ask.notification("list of \(missed.rawValue)", "read back: \(answer.word)", since: began)
        guard let report = answer else { return true }
        guard let subject = try await ask.subject(of: report, on: reference, account) else {
            return try await ask.owner(report.reference, report.attempt, account) != nil
        }
        let prompt = Prompt.own(missed.actor, account.organisation, ids)
        ask.store.notes.note(line, about: subject.file.record.id)
        _ = try await ask.record(subject.report, of: subject.attempt, subject.file, prompt)
        return true
    }

    private func warn(_ account: AccountRecord, _ reason: String, count: Int? = nil) {
        var metadata: Logger.Metadata = [
            LogField.subjectID: "\(account.id)", LogField.organisationID: "\(account.organisation)",
            LogField.provider: "\(account.provider.rawValue)", LogField.reason: .string(Secret.redacting(reason)),
        ]
        if let count { metadata[LogField.count] = .stringConvertible(count) }
        switch missed {
        case .disputes: logger.warning("an account's disputes are not all known", metadata: metadata)
        case .refunds: logger.warning("an account's refunds are not all known", metadata: metadata)
        }
    }
}

/// What an account lists and is none of ours, as another clinic's of the same merchant: it stays so, and is read once
/// for as long as it is listed.
private final class Strangers: Sendable {
    /// What more there is of an account is read at each look.
    private static let accountMax = 10_000

    private let known = Mutex<[ProviderAccountID: Set<String>]>([:])

    /// What of an account's list is to be read; what is listed no more is forgotten.
    func left(of listed: [String], at account: ProviderAccountID) -> [String] {
        known.withLock { known in
            let strangers = known[account, default: []].intersection(listed)
            known[account] = strangers.isEmpty ? nil : strangers
            return listed.filter { !strangers.contains($0) }
        }
    }

    func add(_ reference: String, at account: ProviderAccountID) {
        known.withLock { known in
            guard known[account, default: []].count < Self.accountMax else { return }
            known[account, default: []].insert(reference)
        }
    }
}

extension AccountRecord {
    fileprivate func knownUntil(_ missed: MissedNews) -> Instant? {
        switch missed {
        case .disputes: disputesKnownUntil
        case .refunds: refundsKnownUntil
        }
    }
}
