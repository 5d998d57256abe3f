import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

extension TillMovementID: PostgresEncodable, PostgresDecodable {}

/// Money that came into a till, or was taken back from it.
struct TillMovement: Sendable {
    enum Act: String, Sendable {
        case taken
        case takenBack = "taken-back"
    }

    let id: TillMovementID
    let payment: PaymentOnAccountID
    let act: Act
    let clinic: ClinicID
    let day: LocalDate
    let method: TillSum.Method
    let client: ClientID
    let receiptNumber: String
    /// Below nothing when it was taken back.
    let amount: Money
    /// Why it was taken back.
    let reason: String?
}

/// What the tills of clinics took.
struct TillStore {
    /// False when it was told of before.
    func insert(_ movement: TillMovement, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO till_movement (id, organisation, clinic, payment, act, day, method, tender, client,
                receipt_number, currency, amount, reason)
            VALUES (\(movement.id), \(change.cause.organisation), \(movement.clinic), \(movement.payment),
                \(movement.act.rawValue), \(movement.day), \(movement.method.code),
                \(movement.method.tender.rawValue), \(movement.client), \(movement.receiptNumber),
                \(movement.amount.currency.code), \(movement.amount.minorUnits), \(movement.reason))
            ON CONFLICT ON CONSTRAINT till_movement_once DO NOTHING
            """) == 1
    }

    /// How the money was taken; nil for what no till took.
    func taking(of payment: PaymentOnAccountID, in change: inout Change) throws -> TillMovement? {
        try change.first(
            """
            SELECT \(Self.columns) FROM till_movement
            WHERE organisation = \(change.cause.organisation) AND payment = \(payment)
                AND act = \(TillMovement.Act.taken.rawValue)
            """, Self.read)
    }

    /// What a person has to count for a day, by method.
    func sums(
        at clinic: ClinicID, on day: LocalDate, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> [TillSum] {
        try transaction.query(
            """
            SELECT method, tender, currency, sum(amount)::bigint AS amount FROM till_movement
            WHERE \(toBeCounted(at: clinic, on: day, of: organisation)) GROUP BY method, tender, currency
            """
        ) { row in
            TillSum(
                method: TillSum.Method(code: try row("method"), tender: try row.word("tender")),
                amount: try row.money("amount", try row.currency()))
        }
    }

    /// What was summed is counted from now on.
    func count(at clinic: ClinicID, on day: LocalDate, in id: CashUpID, _ change: inout Change) throws {
        change.executeLater(
            """
            UPDATE till_movement SET cash_up = \(id)
            WHERE \(toBeCounted(at: clinic, on: day, of: change.cause.organisation))
            """)
    }

    /// Movements of the day, and those of days before that were told of after their day was counted.
    private func toBeCounted(at clinic: ClinicID, on day: LocalDate, of organisation: OrganisationID) -> SQL {
        """
        till_movement.organisation = \(organisation) AND till_movement.clinic = \(clinic)
            AND till_movement.cash_up IS NULL AND (till_movement.day = \(day) OR (
                till_movement.day < \(day) AND EXISTS (
                    SELECT FROM cash_up WHERE cash_up.organisation = \(organisation) AND cash_up.clinic = \(clinic)
                        AND cash_up.day = till_movement.day)))
        """
    }

    /// Cash that is in the till: taken and not brought to the bank, with what was found more (or less).
    func cash(at clinic: ClinicID, in currency: Currency, _ change: inout Change) throws -> Money {
        let organisation = change.cause.organisation
        return try change.one(
            """
            SELECT (
                (SELECT coalesce(sum(amount), 0) FROM till_movement
                    WHERE organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                        AND currency = \(currency.code))
                + (SELECT coalesce(sum(counted - expected), 0) FROM cash_up_line
                        JOIN cash_up ON cash_up.id = cash_up_line.cash_up
                    WHERE cash_up.organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                        AND currency = \(currency.code))
                - (SELECT coalesce(sum(amount), 0) FROM remittance
                    WHERE organisation = \(organisation) AND clinic = \(clinic) AND tender = 'cash'
                        AND currency = \(currency.code) AND cancelled_at IS NULL))::bigint AS cash
            """
        ) { row in try row.money("cash", currency) }
    }

    /// Those of the ids that wait at the clinic's till for a slip of their kind, locked.
    func lockWaiting(
        _ ids: [TillMovementID], of tender: Tender, at clinic: ClinicID, in change: inout Change
    ) throws -> [TillMovement] {
        try change.query(
            """
            SELECT \(Self.columns) FROM till_movement
            WHERE organisation = \(change.cause.organisation) AND id = ANY(\(ids.map(\.value)))
                AND clinic = \(clinic) AND tender = \(tender.rawValue) AND \(Self.waits)
            ORDER BY id FOR UPDATE
            """, Self.read)
    }

    /// Puts movements on a slip.
    func put(_ ids: [TillMovementID], on remittance: RemittanceID, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE till_movement SET remittance = \(remittance)
            WHERE organisation = \(change.cause.organisation) AND id = ANY(\(ids.map(\.value)))
            """)
    }

    /// Takes movements off a slip.
    func takeOff(_ remittance: RemittanceID, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE till_movement SET remittance = NULL
            WHERE organisation = \(change.cause.organisation) AND remittance = \(remittance)
            """)
    }

    /// What can go on a slip: no cash, which has no pieces of its own, and no taking that was given back before.
    static let waits: SQL = """
        (till_movement.remittance IS NULL AND till_movement.tender <> 'cash' AND NOT EXISTS (
            SELECT FROM till_movement AS other
            WHERE other.organisation = till_movement.organisation AND other.payment = till_movement.payment
                AND other.act <> till_movement.act AND other.remittance IS NULL
                AND other.amount = -till_movement.amount))
        """

    static let columns: SQL =
        """
        till_movement.id, till_movement.payment, act, till_movement.clinic, till_movement.day, till_movement.method,
        till_movement.tender, till_movement.client, receipt_number, till_movement.currency, till_movement.amount,
        till_movement.reason
        """

    @Sendable static func read(_ row: Row) throws -> TillMovement {
        TillMovement(
            id: try row("id"), payment: try row("payment"), act: try row.word("act"), clinic: try row("clinic"),
            day: try row("day"),
            method: TillSum.Method(code: try row("method"), tender: try row.word("tender")),
            client: try row("client"), receiptNumber: try row("receipt_number"),
            amount: try row.money("amount", try row.currency()), reason: try row("reason"))
    }
}
