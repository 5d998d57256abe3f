import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Refunds that came before the payment they are of.
struct WaitingRefundStore {
    /// A refund whose payment is not known.
    struct Refund: Sendable {
        let id: RefundID
        let payment: PaymentID
        let amount: Money
        let completedOn: LocalDate
        /// When it came back, if it did.
        var returnedOn: LocalDate?
    }

    /// Keeps what is told of it; that it came back stays known, whatever is told later.
    func keep(_ refund: Refund, in change: inout Change) throws {
        let kept = try change.execute(
            """
            INSERT INTO waiting_refund (refund, organisation, payment, currency, amount, completed_on, returned_on)
            VALUES (\(refund.id), \(change.cause.organisation), \(refund.payment), \(refund.amount.currency.code),
                \(refund.amount.minorUnits), \(refund.completedOn), \(refund.returnedOn))
            ON CONFLICT (refund) DO UPDATE
            SET completed_on = least(waiting_refund.completed_on, EXCLUDED.completed_on),
                returned_on = coalesce(waiting_refund.returned_on, EXCLUDED.returned_on)
            WHERE (waiting_refund.currency, waiting_refund.amount) = (EXCLUDED.currency, EXCLUDED.amount)
            """)
        guard kept == 1 else { throw RefundToldOtherwise(refund: refund.id) }
    }

    /// Hands out those of a payment and forgets them.
    func take(of payment: PaymentID, in change: inout Change) throws -> [Refund] {
        try change.query(
            """
            DELETE FROM waiting_refund WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            RETURNING refund, payment, currency, amount, completed_on, returned_on
            """
        ) { row in
            Refund(
                id: try row("refund"), payment: try row("payment"),
                amount: try row.money("amount", try row.currency()),
                completedOn: try row("completed_on"), returnedOn: try row("returned_on"))
        }
    }
}

/// A refund came back with another amount than it was done with; a person has to look.
struct RefundToldOtherwise: Error, CustomStringConvertible {
    let refund: RefundID

    var description: String { "refund \(refund) came back with another amount than it was told with" }
}
