import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A receivable with the version a person may have seen.
struct ReceivableRecord: Sendable {
    var receivable: Receivable
    var version: Int64 = 1
}

/// What clients owe that is on no invoice.
struct ReceivableStore {
    private static let columns: SQL =
        "id, clinic, client, label, currency, amount, paid, credited, written_off, recorded_on, due_on, version"

    /// `reference` is that of the practice's own software.
    func insert(_ receivable: Receivable, reference: String? = nil, in change: inout Change) throws {
        try requireBalanced(receivable)
        change.executeLater(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on,
                reference)
            VALUES (\(receivable.id), \(change.cause.organisation), \(receivable.clinic), \(receivable.client),
                \(receivable.terms.label), \(receivable.amount.currency.code), \(receivable.amount.minorUnits),
                \(receivable.recordedOn), \(receivable.terms.dueOn), \(reference))
            """)
    }

    /// Saves what may change; `again` is the day on which it is due again, if it was settled.
    func save(_ receivable: Receivable, dueAgainOn again: LocalDate? = nil, in change: inout Change) throws {
        try requireBalanced(receivable)
        change.executeLater(
            """
            UPDATE receivable SET label = \(receivable.terms.label), amount = \(receivable.amount.minorUnits),
                due_on = \(receivable.terms.dueOn), paid = \(receivable.paid.minorUnits),
                credited = \(receivable.credited.minorUnits), written_off = \(receivable.writtenOff.minorUnits),
                \(DueAgain.assigning(receivable.due, of: "amount", on: again)),
                version = version + 1
            WHERE id = \(receivable.id)
            """)
    }

    /// Keeps why something is no longer owed: a refund gave it back.
    func insert(
        credit amount: Money, of id: ReceivableID, by refund: RefundID, on day: LocalDate, in change: inout Change
    ) throws {
        change.executeLater(
            """
            INSERT INTO receivable_credit (receivable, refund, organisation, amount, credited_on)
            VALUES (\(id), \(refund), \(change.cause.organisation), \(amount.minorUnits), \(day))
            """)
    }

    /// Locks a receivable until the change ends; nil when there is none.
    func lock(_ id: ReceivableID, in change: inout Change) throws -> ReceivableRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM receivable
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    func find(
        _ id: ReceivableID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ReceivableRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM receivable WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// Receivables before an id, newest first, those of a period by their days; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, _ period: PeriodFilter, before id: ReceivableID,
        rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ReceivableRecord] {
        let asked = period.condition(onDay: "recorded_on")
        let condition: SQL = "organisation = \(organisation)\(asked)"
        let order = period.days.order(by: "recorded_on", of: period.client)
        let page = ClinicRows.page(
            "receivable", in: order, at: ClinicRows.clinics(clinics, only: period.clinic), before: id, where: condition,
            rows: rows)
        return try transaction.query(
            "SELECT \(Self.columns) FROM \(page) AS receivable ORDER BY \(order.clause) LIMIT \(Int64(rows))", read)
    }

    /// Locks what a client owes in one currency, in the order of ids; of all clinics when `clinics` is nil.
    func lockingOpen(
        of client: ClientID, _ organisation: OrganisationID, at clinics: [ClinicID]?, in currency: Currency
    ) -> Query<[OpenDebt]> {
        .all(
            """
            SELECT id, amount - paid - credited - written_off AS due, due_on FROM receivable
            WHERE organisation = \(organisation) AND client = \(client) AND currency = \(currency.code)
                AND paid + credited + written_off < amount
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id FOR UPDATE
            """
        ) { row in
            OpenDebt(.receivable(try row("id")), due: try row.money("due", currency), dueOn: try row("due_on"))
        }
    }

    private func read(_ row: Row) throws -> ReceivableRecord {
        let currency = try row.currency()
        let terms = ReceivableTerms(
            label: try row("label"), amount: try row.money("amount", currency), dueOn: try row("due_on"))
        let receivable = Receivable(
            id: try row("id"), clinic: try row("clinic"), client: try row("client"),
            recordedOn: try row("recorded_on"), terms: terms, paid: try row.money("paid", currency),
            credited: try row.money("credited", currency), writtenOff: try row.money("written_off", currency))
        return ReceivableRecord(receivable: receivable, version: try row("version"))
    }

    private func requireBalanced(_ receivable: Receivable) throws(BrokenInvariant) {
        guard receivable.isBalanced else {
            throw BrokenInvariant("amount = paid + credited + written off + due does not hold for \(receivable.id)")
        }
    }
}
