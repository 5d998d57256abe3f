import PaymentModel
import PostgresClient
import TransactionalMessaging

// What is looked for at providers, account by account.
extension ProviderAccountStore {
    /// Takes accounts whose disputes nobody asked about lately, whoever takes new payments now.
    func takeForDisputes(
        askedBefore last: Instant, at now: Instant, in transaction: inout PostgresTransaction
    ) throws -> [AccountRecord] {
        try transaction.query(
            """
            UPDATE provider_account SET disputes_asked_at = \(now)
            WHERE id = ANY (ARRAY(
                SELECT id FROM provider_account
                WHERE failed_at IS NULL AND (disputes_asked_at IS NULL OR disputes_asked_at <= \(last))
                ORDER BY disputes_asked_at NULLS FIRST LIMIT 50 FOR UPDATE SKIP LOCKED))
            RETURNING *
            """, account)
    }

    /// Notes until when an account's disputes are known.
    func noteDisputes(
        of account: ProviderAccountID, knownUntil instant: Instant, in transaction: inout PostgresTransaction
    ) {
        transaction.executeLater(
            "UPDATE provider_account SET disputes_known_until = \(instant) WHERE id = \(account)")
    }

    /// Accounts that work and of which nobody told since when they take payments.
    func untold(in transaction: inout PostgresTransaction) throws -> [(ProviderAccountID, OrganisationID)] {
        try transaction.query(
            """
            SELECT id, organisation FROM provider_account
            WHERE NOT is_since_told AND failed_at IS NULL ORDER BY id LIMIT 50
            """
        ) { row in (try row("id"), try row("organisation")) }
    }

    /// Notes that it is told, and answers since when the account takes payments; `nil` when it was told before.
    func markingSinceTold(_ account: ProviderAccountID) -> Query<Instant?> {
        .first(
            """
            UPDATE provider_account SET is_since_told = true WHERE id = \(account) AND NOT is_since_told
            RETURNING least(connected_at, (
                SELECT min(created_at) FROM payment WHERE payment.account = provider_account.id)) AS since
            """
        ) { row in try row("since") }
    }
}
