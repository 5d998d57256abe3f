import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Remittances and bank lines that a person took apart.
struct RefusedDepositStore {
    func add(_ pair: RefusedDeposit, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO refused_deposit (organisation, remittance, bank_line, refused_by)
            VALUES (\(change.cause.organisation), \(pair.remittance), \(pair.bankLine), \(change.cause.actor))
            ON CONFLICT ON CONSTRAINT refused_deposit_once DO NOTHING
            """)
    }

    /// A person who puts them together again has the last word.
    func remove(_ pair: RefusedDeposit, in change: inout Change) throws {
        change.executeLater(
            """
            DELETE FROM refused_deposit WHERE organisation = \(change.cause.organisation)
                AND remittance = \(pair.remittance) AND bank_line = \(pair.bankLine)
            """)
    }

    /// Those that still matter: of remittances that no person has pointed.
    func all(in change: inout Change) throws -> Set<RefusedDeposit> {
        Set(
            try change.query(
                """
                SELECT refused_deposit.remittance, refused_deposit.bank_line
                FROM refused_deposit JOIN remittance ON remittance.id = refused_deposit.remittance
                WHERE refused_deposit.organisation = \(change.cause.organisation) AND cancelled_at IS NULL
                    AND (remittance.bank_line IS NULL OR pointed_by = 'matching')
                """
            ) { row in RefusedDeposit(remittance: try row("remittance"), bankLine: try row("bank_line")) })
    }
}
