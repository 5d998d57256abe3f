import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A client's account, derived from documents and payments; nothing here is stored twice.
struct AccountStore {
    /// The account over a period, both days included.
    func statement(
        of client: ClientID, in currency: Currency, from first: LocalDate, to last: LocalDate,
        _ transaction: inout PostgresTransaction
    ) throws -> Statement {
        let opening: Int64 = try transaction.one(
            """
            SELECT coalesce(sum(amount), 0)::bigint AS opening
            FROM (\(movements(of: client, in: currency))) AS movement WHERE on_day < \(first)
            """
        ) { row in try row("opening") }
        let movements = try transaction.query(
            """
            SELECT kind, on_day, reference, amount FROM (\(movements(of: client, in: currency))) AS movement
            WHERE on_day BETWEEN \(first) AND \(last) ORDER BY on_day, created_at, reference, kind, amount
            """
        ) { row in
            AccountMovement(
                try row.word("kind"), on: try row("on_day"), reference: try row("reference"),
                amount: try row.money("amount", currency))
        }
        return try Statement(opening: Money(opening, currency), movements: movements)
    }

    /// What an organisation billed, received and is owed: billed = paid + credited + written off + due.
    func totals(
        of organisation: OrganisationID, in currency: Currency, _ transaction: inout PostgresTransaction
    ) throws -> AccountTotals {
        try transaction.one(
            """
            SELECT count(*) FILTER (WHERE invoiced) AS invoices, coalesce(sum(total), 0)::bigint AS billed,
                coalesce(sum(paid), 0)::bigint AS paid, coalesce(sum(credited), 0)::bigint AS credited,
                coalesce(sum(written_off), 0)::bigint AS written_off,
                coalesce(sum(total - paid - credited - written_off), 0)::bigint AS due,
                (SELECT coalesce(sum(amount - refunded - charged_back - reversed - archived), 0)::bigint FROM payment_on_account
                    WHERE organisation = \(organisation) AND currency = \(currency.code)) AS received,
                (SELECT coalesce(sum(unallocated), 0)::bigint FROM payment_on_account
                    WHERE organisation = \(organisation) AND currency = \(currency.code)) AS held
            FROM (
                SELECT true AS invoiced, total, paid, credited, written_off FROM invoice
                WHERE organisation = \(organisation) AND currency = \(currency.code) AND number IS NOT NULL
                UNION ALL
                SELECT false, amount, paid, credited, written_off FROM receivable
                WHERE organisation = \(organisation) AND currency = \(currency.code)
            ) AS debt
            """
        ) { row in
            AccountTotals(
                invoices: try row("invoices"), billed: try row.money("billed", currency),
                paid: try row.money("paid", currency), credited: try row.money("credited", currency),
                writtenOff: try row.money("written_off", currency), due: try row.money("due", currency),
                received: try row.money("received", currency),
                held: try row.money("held", currency))
        }
    }

    /// What one client was billed, paid and owes.
    func account(
        of client: ClientID, in currency: Currency, _ transaction: inout PostgresTransaction
    ) throws -> ClientAccount {
        let credits = try credits(of: client, in: currency, &transaction)
        return try transaction.one(
            """
            SELECT coalesce(sum(total), 0)::bigint AS bought, coalesce(sum(paid), 0)::bigint AS paid,
                coalesce(sum(credited), 0)::bigint AS credited, coalesce(sum(written_off), 0)::bigint AS written_off,
                coalesce(sum(total - paid - credited - written_off), 0)::bigint AS due,
                (SELECT coalesce(sum(unallocated), 0)::bigint FROM payment_on_account
                    WHERE client = \(client) AND currency = \(currency.code)) AS held,
                (SELECT coalesce(sum(dispute.amount), 0)::bigint
                    FROM dispute JOIN payment_on_account ON payment_on_account.payment = dispute.payment
                    WHERE payment_on_account.client = \(client) AND dispute.currency = \(currency.code)
                        AND dispute.outcome IS NULL) AS disputed
            FROM (
                SELECT total, paid, credited, written_off FROM invoice
                WHERE client = \(client) AND currency = \(currency.code) AND number IS NOT NULL
                UNION ALL
                SELECT amount, paid, credited, written_off FROM receivable
                WHERE client = \(client) AND currency = \(currency.code)
            ) AS debt
            """
        ) { row in
            ClientAccount(
                clientID: client, bought: try row.money("bought", currency), paid: try row.money("paid", currency),
                credited: try row.money("credited", currency), writtenOff: try row.money("written_off", currency),
                due: try row.money("due", currency), held: try row.money("held", currency),
                disputed: try row.money("disputed", currency), credits: credits)
        }
    }

    /// The payments of which one client holds credit, so many at the most.
    private func credits(
        of client: ClientID, in currency: Currency, _ transaction: inout PostgresTransaction
    ) throws -> [ClientAccount.Credit] {
        try transaction.query(
            """
            SELECT id, received_on, unallocated, version FROM payment_on_account
            WHERE client = \(client) AND currency = \(currency.code) AND unallocated > 0
            ORDER BY received_on, id LIMIT \(Self.creditsMax)
            """
        ) { row in
            ClientAccount.Credit(
                paymentOnAccountID: try row("id"), receivedOn: try row("received_on"),
                amount: try row.money("unallocated", currency), version: try row("version"))
        }
    }

    private static let creditsMax: Int64 = 100

    private func movements(of client: ClientID, in currency: Currency) -> SQL {
        """
        SELECT 'invoice' AS kind, issued_on AS on_day, number AS reference, total AS amount, created_at
        FROM invoice WHERE client = \(client) AND currency = \(currency.code) AND number IS NOT NULL
        UNION ALL
        SELECT 'creditNote', issued_on, number, -total, created_at
        FROM credit_note WHERE client = \(client) AND currency = \(currency.code)
        UNION ALL
        SELECT 'receivable', recorded_on, label, amount, created_at
        FROM receivable WHERE client = \(client) AND currency = \(currency.code) AND amount > 0
        UNION ALL
        SELECT 'creditNote', credited_on, label, -receivable_credit.amount, created_at
        FROM receivable_credit JOIN receivable ON receivable.id = receivable_credit.receivable
        WHERE client = \(client) AND currency = \(currency.code)
        UNION ALL
        SELECT 'payment', received_on, coalesce(receipt_number, method), -amount, created_at
        FROM payment_on_account WHERE client = \(client) AND currency = \(currency.code)
        UNION ALL
        SELECT 'reversal', reversed_on, coalesce(receipt_number, method), reversed, created_at
        FROM payment_on_account WHERE client = \(client) AND currency = \(currency.code) AND reversed > 0
        UNION ALL
        SELECT 'archive', credit_archive.archived_on, coalesce(receipt_number, method), credit_archive.amount,
            credit_archive.created_at
        FROM credit_archive JOIN payment_on_account ON payment_on_account.id = credit_archive.payment_on_account
        WHERE client = \(client) AND currency = \(currency.code)
        UNION ALL
        SELECT 'archive', credit_archive.restored_on, coalesce(receipt_number, method), -credit_archive.amount,
            credit_archive.restored_at
        FROM credit_archive JOIN payment_on_account ON payment_on_account.id = credit_archive.payment_on_account
        WHERE client = \(client) AND currency = \(currency.code) AND credit_archive.restored_on IS NOT NULL
        UNION ALL
        SELECT 'writeOff', settled_on, reason, -amount, created_at
        FROM settlement_part JOIN settlement ON settlement.id = settlement
        WHERE client = \(client) AND currency = \(currency.code)
        UNION ALL
        SELECT 'writeOff', undone_on, reason, amount, created_at
        FROM settlement_part JOIN settlement ON settlement.id = settlement
        WHERE client = \(client) AND currency = \(currency.code) AND undone_on IS NOT NULL
        UNION ALL
        SELECT 'refund', refund.refunded_on, payment_on_account.method, refund.amount, payment_on_account.created_at
        FROM refund JOIN payment_on_account ON payment_on_account.id = refund.payment_on_account
        WHERE refund.client = \(client) AND refund.currency = \(currency.code)
        UNION ALL
        SELECT 'refundReturn', refund.returned_on, payment_on_account.method, -refund.amount,
            payment_on_account.created_at
        FROM refund JOIN payment_on_account ON payment_on_account.id = refund.payment_on_account
        WHERE refund.client = \(client) AND refund.currency = \(currency.code) AND refund.returned_on IS NOT NULL
        UNION ALL
        SELECT 'chargeBack', dispute.closed_on, payment_on_account.method, dispute.charged_back,
            payment_on_account.created_at
        FROM dispute JOIN payment_on_account ON payment_on_account.payment = dispute.payment
        WHERE payment_on_account.client = \(client) AND dispute.currency = \(currency.code)
            AND dispute.charged_back > 0
        """
    }
}

/// The sums of one client: bought = paid + credited + written off + due (INV-10).
struct ClientAccount: Sendable, Codable {
    let clientID: ClientID
    let bought: Money
    let paid: Money
    let credited: Money
    let writtenOff: Money
    let due: Money
    /// The client's credit.
    let held: Money
    /// Of what was paid: under dispute at a provider, which may take it back.
    let disputed: Money
    /// Of which money the credit is left, oldest first, whichever clinic took it.
    let credits: [Credit]

    /// What is left of a payment, to be counted by whoever sees debts of the client's.
    struct Credit: Sendable, Codable {
        let paymentOnAccountID: PaymentOnAccountID
        let receivedOn: LocalDate
        let amount: Money
        let version: Int64
    }
}

/// The sums of an organisation's issued invoices and received payments.
struct AccountTotals: Sendable, Codable {
    let invoices: Int64
    let billed: Money
    /// Allocated to invoices.
    let paid: Money
    let credited: Money
    let writtenOff: Money
    let due: Money
    /// Received and not given back; equals paid + held.
    let received: Money
    /// Received and not counted for any invoice.
    let held: Money
}
