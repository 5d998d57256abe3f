import PaymentModel
import PostgresClient
import TransactionalMessaging

// What is looked for at providers, account by account.
extension ProviderAccountStore {
    /// Takes accounts whose news nobody asked for lately, whoever takes new payments now.
    func take(
        for missed: MissedNews, askedBefore last: Instant, at now: Instant, in transaction: inout PostgresTransaction
    ) throws -> [AccountRecord] {
        let asked = missed.askedAt
        return try transaction.query(
            """
            UPDATE provider_account SET \(asked) = \(now)
            WHERE id = ANY (ARRAY(
                SELECT id FROM provider_account
                WHERE failed_at IS NULL AND (\(asked) IS NULL OR \(asked) <= \(last))
                ORDER BY \(asked) NULLS FIRST LIMIT 50 FOR UPDATE SKIP LOCKED))
            RETURNING \(Self.columns)
            """, account)
    }

    /// Notes until when an account's news are known.
    func note(
        _ missed: MissedNews, of account: ProviderAccountID, knownUntil instant: Instant,
        in transaction: inout PostgresTransaction
    ) {
        transaction.executeLater(
            "UPDATE provider_account SET \(missed.knownUntil) = \(instant) WHERE id = \(account)")
    }

    /// Which of these refunds, by their provider's names, count as given back here or have come back.
    ///
    /// Of a merchant that several clinics are, each clinic's account lists what all of them gave back.
    func knownRefunds(
        among references: [String], at provider: Provider, in transaction: inout PostgresTransaction
    ) throws -> [String] {
        try transaction.query(
            """
            SELECT refund.reference FROM refund JOIN payment ON payment.id = refund.payment
            WHERE refund.reference = ANY(\(references)) AND refund.state <> 'failed'
                AND payment.provider = \(provider.rawValue)
            UNION ALL
            SELECT attempt.given_back_as FROM attempt JOIN payment ON payment.id = attempt.payment
            WHERE attempt.given_back_as = ANY(\(references)) AND payment.provider = \(provider.rawValue)
            """
        ) { row in try row("reference") }
    }

    /// What an account's payments are called at its provider of which these refunds count as done here.
    func payments(
        ofCompleted refunds: [String], of account: ProviderAccountID, in transaction: inout PostgresTransaction
    ) throws -> [String] {
        guard !refunds.isEmpty else { return [] }
        return try transaction.query(
            """
            SELECT DISTINCT payment.acceptance_reference AS reference
            FROM refund JOIN payment ON payment.id = refund.payment
            WHERE refund.reference = ANY(\(refunds)) AND refund.state = 'completed' AND payment.account = \(account)
            UNION
            SELECT attempt.reference FROM attempt JOIN payment ON payment.id = attempt.payment
            WHERE attempt.given_back_as = ANY(\(refunds)) AND payment.account = \(account)
            """
        ) { row in try row("reference") }
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

extension MissedNews {
    fileprivate var askedAt: SQL {
        switch self {
        case .disputes: "disputes_asked_at"
        case .refunds: "refunds_asked_at"
        }
    }

    fileprivate var knownUntil: SQL {
        switch self {
        case .disputes: "disputes_known_until"
        case .refunds: "refunds_known_until"
        }
    }
}
