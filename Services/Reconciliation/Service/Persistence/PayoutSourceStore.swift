import PaymentModel
import PostgresClient
import TransactionalMessaging

/// An account at a provider whose payouts are asked for.
struct PayoutSource: Sendable {
    let account: ProviderAccountID
    let organisation: OrganisationID
    let provider: Provider
    let since: LocalDate
    /// Of the last payout that was taken in.
    let place: String?
    /// Whether bank lines of payouts that were taken in are still to be looked for.
    let awaitsMatching: Bool
    let askedAt: Instant?
    let toldAt: Instant?
    let trouble: Sentence?
}

/// The accounts whose payouts are asked for, and how far their lists were read.
struct PayoutSourceStore {
    /// An account that is there already keeps its place, unless it turns out to be older: then all is asked for again,
    /// and what is known changes nothing.
    func add(_ account: ProviderAccountID, at provider: Provider, since day: LocalDate, in change: inout Change) throws
    {
        change.executeLater(
            """
            INSERT INTO payout_source (account, organisation, provider, since, awaits_matching)
            VALUES (\(account), \(change.cause.organisation), \(provider.rawValue), \(day), false)
            ON CONFLICT (account) DO UPDATE SET since = EXCLUDED.since, place = NULL
            WHERE EXCLUDED.since < payout_source.since
            """)
    }

    func lock(_ account: ProviderAccountID, in change: inout Change) throws -> PayoutSource? {
        try change.first(
            """
            SELECT \(Self.columns) FROM payout_source
            WHERE account = \(account) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    func find(
        _ account: ProviderAccountID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PayoutSource? {
        try transaction.first(
            "SELECT \(Self.columns) FROM payout_source WHERE account = \(account) AND organisation = \(organisation)",
            read)
    }

    func all(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [PayoutSource] {
        try transaction.query(
            "SELECT \(Self.columns) FROM payout_source WHERE organisation = \(organisation) ORDER BY account", read)
    }

    /// Those of all organisations, longest not asked first.
    func due(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [PayoutSource] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM payout_source ORDER BY asked_at NULLS FIRST, account LIMIT \(Int64(limit))
            """, read)
    }

    func move(_ account: ProviderAccountID, to place: String, awaitsMatching: Bool, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE payout_source SET place = \(place), awaits_matching = \(awaitsMatching)
            WHERE account = \(account) AND organisation = \(change.cause.organisation)
            """)
    }

    /// Bank lines were looked for, for all that was taken in.
    func note(matched account: ProviderAccountID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payout_source SET awaits_matching = false
            WHERE account = \(account) AND organisation = \(change.cause.organisation)
            """)
    }

    /// Notes how asking ended; `trouble` is nil when everything there was has been taken in.
    func note(asked account: ProviderAccountID, at now: Instant, trouble: Sentence?, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE payout_source SET asked_at = \(now), trouble = \(trouble),
                told_at = CASE WHEN \(trouble)::text IS NULL THEN \(now) ELSE told_at END
            WHERE account = \(account) AND organisation = \(change.cause.organisation)
            """)
    }

    private static let columns: SQL =
        "account, organisation, provider, since, place, awaits_matching, asked_at, told_at, trouble"

    private func read(_ row: Row) throws -> PayoutSource {
        PayoutSource(
            account: try row("account"), organisation: try row("organisation"), provider: try row.word("provider"),
            since: try row("since"), place: try row("place"), awaitsMatching: try row("awaits_matching"),
            askedAt: try row("asked_at"), toldAt: try row("told_at"), trouble: try row("trouble"))
    }
}
