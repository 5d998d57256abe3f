import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Payments that are held for clients, and what invoicing has counted of them since.
struct HeldMoneyStore {
    /// What of a payment is on the wrong one of the two accounts.
    struct Move: Sendable {
        /// To the client's account; below nothing, back to what is held.
        let amount: Money
        let day: LocalDate
        let piece: String
        /// How often something of it was moved before.
        let runs: Int32
    }

    /// A payment and what is counted of it are told in topics of their own: who comes second MUST see the first.
    func wait(for payment: PaymentID, in change: inout Change) {
        change.executeLater("SELECT \(Self.lock("\(payment)"))")
    }

    private static func lock(_ payment: SQL) -> SQL {
        "pg_advisory_xact_lock(hashtextextended('held ' || \(payment)::text, 0))"
    }

    /// The held payment that brought some money, where it was told of; whoever tells of it meanwhile waits.
    func payment(of money: PaymentOnAccountID, in change: inout Change) throws -> PaymentID? {
        change.executeLater(
            """
            SELECT \(Self.lock("payment")) FROM online_receipt
            WHERE payment_on_account = \(money) AND organisation = \(change.cause.organisation)
            """)
        return try change.first(
            """
            SELECT expectation.payment FROM online_receipt AS online JOIN expectation USING (payment)
            WHERE payment_on_account = \(money) AND online.organisation = \(change.cause.organisation) AND is_held
            """
        ) { row in try row("payment") }
    }

    /// What is to be moved of a payment that nobody else changes; nil of one that is not held.
    ///
    /// Its day is the last of all that was told of the payment, so that it does not depend on what was told first.
    func move(of payment: PaymentID, in change: inout Change) throws -> Move? {
        try change.first(
            """
            SELECT currency, provider_reference, (\(Self.counted) - booked)::bigint AS amount, runs, greatest(
                    accepted_on,
                    (SELECT max(received_on) FROM online_receipt AS online JOIN vat_receipt AS receipt
                        ON receipt.organisation = online.organisation AND receipt.payment = online.payment_on_account
                        WHERE online.payment = expectation.payment),
                    (SELECT max(taken_on) FROM online_receipt AS online JOIN receipt_taken_off AS taken
                        ON taken.organisation = online.organisation AND taken.payment = online.payment_on_account
                        WHERE online.payment = expectation.payment),
                    (SELECT greatest(max(completed_on), max(returned_on)) FROM counted_refund
                        WHERE counted_refund.payment = expectation.payment),
                    (SELECT max(closed_on) FROM dispute
                        WHERE dispute.payment = expectation.payment AND outcome = 'lost')) AS day
            FROM expectation CROSS JOIN LATERAL (
                SELECT coalesce(sum(line.amount), 0) AS booked, count(*)::int AS runs
                FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                WHERE kind = 'held-counted' AND subject = expectation.payment AND account = '419100') AS moved
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation) AND is_held
            """
        ) { row in
            Move(
                amount: try row.money("amount", try row.currency()), day: try row("day"),
                piece: try row("provider_reference"), runs: try row("runs"))
        }
    }

    /// Of a held `expectation`: what is counted for what the client owes, less what credit notes took off it again.
    ///
    /// What went back to the client, by a refund or a lost dispute, is taken from what is still held first, and is
    /// counted no more.
    static let counted: SQL = """
        least(
            greatest((
                SELECT coalesce(sum(receipt.amount), 0) FROM online_receipt AS online JOIN vat_receipt AS receipt
                    ON receipt.organisation = online.organisation AND receipt.payment = online.payment_on_account
                WHERE online.payment = expectation.payment AND online.organisation = expectation.organisation
                    AND receipt.currency = expectation.currency) - (
                SELECT coalesce(sum(taken.amount), 0) FROM online_receipt AS online JOIN receipt_taken_off AS taken
                    ON taken.organisation = online.organisation AND taken.payment = online.payment_on_account
                WHERE online.payment = expectation.payment AND online.organisation = expectation.organisation
                    AND taken.currency = expectation.currency), 0),
            greatest(expectation.amount - refunded - \(lost), 0))
        """

    /// What providers took of an `expectation` after disputes that were lost.
    static let lost: SQL = """
        (SELECT coalesce(sum(dispute.amount - given_back), 0) FROM dispute
            WHERE dispute.payment = expectation.payment AND dispute.currency = expectation.currency
                AND outcome = 'lost')
        """
}
