import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What was said between us and providers about payments, PAY-11.
struct ExchangeStore: Sendable {
    /// The statement that adds a line; one that says the same as the last is counted there.
    func adding(_ line: ExchangeLine, to payment: PaymentID, of organisation: OrganisationID) -> SQL {
        """
        WITH last AS (
            SELECT number, kind, operation, outcome FROM payment_exchange WHERE payment = \(payment)
            ORDER BY number DESC LIMIT 1),
        same AS (
            UPDATE payment_exchange AS line
            SET times = line.times + \(line.times), last_at = \(line.lastAt), milliseconds = \(line.milliseconds)
            FROM last WHERE line.payment = \(payment) AND line.number = last.number
                AND last.kind = \(line.kind.rawValue) AND last.operation = \(line.operation)
                AND last.outcome = \(line.outcome)
            RETURNING line.number)
        INSERT INTO payment_exchange (payment, number, organisation, kind, operation, outcome, at, last_at, times,
            milliseconds)
        SELECT \(payment), coalesce((SELECT number FROM last), 0) + 1, \(organisation), \(line.kind.rawValue),
            \(line.operation), \(line.outcome), \(line.at), \(line.lastAt), \(line.times), \(line.milliseconds)
        WHERE NOT EXISTS (SELECT FROM same)
        ON CONFLICT DO NOTHING
        """
    }

    /// The lines of a payment, oldest first.
    func lines(
        of payment: PaymentID, _ organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [ExchangeLine] {
        try transaction.query(
            """
            SELECT * FROM payment_exchange WHERE payment = \(payment) AND organisation = \(organisation)
            ORDER BY number
            """
        ) { row in
            let times: Int32 = try row("times")
            return ExchangeLine(
                kind: try row.word("kind"), operation: try row("operation"), outcome: try row("outcome"),
                at: try row("at"), lastAt: try row("last_at"), times: Int(times),
                milliseconds: try row("milliseconds"))
        }
    }
}
