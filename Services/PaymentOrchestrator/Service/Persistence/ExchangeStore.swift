import PaymentModel
import PaymentOrchestratorDomain
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

    /// How many calls about plans of one debt are kept for its next payment, and how long.
    private static let askedMax = 100
    private static let askedFor = Duration.seconds(86_400)

    /// The statement that keeps a call about plans of a debt that has no payment yet.
    func keeping(
        _ line: ExchangeLine, about debt: Debt, at clinic: ClinicID, of organisation: OrganisationID
    ) -> SQL {
        """
        INSERT INTO asked_plans (organisation, clinic, debt, operation, outcome, at, milliseconds)
        SELECT \(organisation), \(clinic), \(debt.value), \(line.operation), \(line.outcome), \(line.at),
            \(line.milliseconds)
        WHERE (SELECT count(*) FROM asked_plans WHERE \(kept(of: debt, at: clinic, of: organisation, at: line.at)))
            < \(Self.askedMax)
        """
    }

    /// The statement that puts what was kept of a debt on the page of its new payment, the same again on one line.
    func takingOver(_ debt: Debt, of record: PaymentRecord, at now: Instant) -> SQL {
        """
        WITH asked AS (
            DELETE FROM asked_plans WHERE \(kept(of: debt, at: record.clinic, of: record.organisation, at: now))
            RETURNING id, operation, outcome, at, milliseconds),
        numbered AS (
            SELECT *, row_number() OVER (ORDER BY id)
                - row_number() OVER (PARTITION BY operation, outcome ORDER BY id) AS row_of_the_same
            FROM asked)
        INSERT INTO payment_exchange (payment, number, organisation, kind, operation, outcome, at, last_at, times,
            milliseconds)
        SELECT \(record.id), row_number() OVER (ORDER BY min(id)), \(record.organisation),
            \(ExchangeLine.Kind.call.rawValue), operation, outcome, min(at), max(at), count(*),
            (array_agg(milliseconds ORDER BY id DESC))[1]
        FROM numbered GROUP BY operation, outcome, row_of_the_same
        """
    }

    /// What a payment of a debt takes over, should it be asked for now.
    private func kept(
        of debt: Debt, at clinic: ClinicID, of organisation: OrganisationID, at now: Instant
    ) -> SQL {
        """
        organisation = \(organisation) AND debt = \(debt.value) AND clinic = \(clinic)
            AND at >= \(now.adding(.zero - Self.askedFor))
        """
    }

    /// The statement that forgets what was kept for long enough.
    func forgetting(at now: Instant) -> SQL {
        "DELETE FROM asked_plans WHERE at < \(now.adding(.zero - Self.askedFor))"
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
