import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Payouts and bank lines that a person took apart.
struct RefusedMatchStore {
    func add(_ pair: RefusedPair, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO refused_match (organisation, payout, bank_line, refused_by)
            VALUES (\(change.cause.organisation), \(pair.payout), \(pair.bankLine), \(change.cause.actor))
            ON CONFLICT ON CONSTRAINT refused_match_once DO NOTHING
            """)
    }

    /// A person who puts them together again has the last word.
    func remove(_ pair: RefusedPair, in change: inout Change) throws {
        change.executeLater(
            """
            DELETE FROM refused_match WHERE organisation = \(change.cause.organisation)
                AND payout = \(pair.payout) AND bank_line = \(pair.bankLine)
            """)
    }

    /// Those that still matter: of payouts that no person has pointed.
    func all(in change: inout Change) throws -> Set<RefusedPair> {
        Set(
            try change.query(
                """
                SELECT refused_match.payout, refused_match.bank_line
                FROM refused_match JOIN payout ON payout.id = refused_match.payout
                WHERE refused_match.organisation = \(change.cause.organisation)
                    AND (pointed_at IS NULL OR pointed_by = 'matching')
                """
            ) { row in RefusedPair(payout: try row("payout"), bankLine: try row("bank_line")) })
    }
}
