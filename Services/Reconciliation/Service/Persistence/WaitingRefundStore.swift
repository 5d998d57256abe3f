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
    }

    func keep(_ refund: Refund, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO waiting_refund (refund, organisation, payment, currency, amount, completed_on)
            VALUES (\(refund.id), \(change.cause.organisation), \(refund.payment), \(refund.amount.currency.code),
                \(refund.amount.minorUnits), \(refund.completedOn))
            ON CONFLICT (refund) DO NOTHING
            """)
    }

    /// Forgets one that came back before its payment was told of.
    func drop(_ refund: RefundID, in change: inout Change) throws {
        change.executeLater(
            "DELETE FROM waiting_refund WHERE refund = \(refund) AND organisation = \(change.cause.organisation)")
    }

    /// Hands out those of a payment and forgets them.
    func take(of payment: PaymentID, in change: inout Change) throws -> [Refund] {
        try change.query(
            """
            DELETE FROM waiting_refund WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            RETURNING refund, payment, currency, amount, completed_on
            """
        ) { row in
            Refund(
                id: try row("refund"), payment: try row("payment"),
                amount: try row.money("amount", try row.currency()),
                completedOn: try row("completed_on"))
        }
    }
}
