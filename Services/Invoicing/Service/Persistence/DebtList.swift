import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Something a client owes, as the till shows it.
struct DebtRow: Sendable {
    let debt: Debt
    let clinic: ClinicID
    /// Number of the invoice, or what the receivable is for.
    let title: String
    let total: Money
    let due: Money
    let dueOn: LocalDate
}

/// What one client owes, oldest due date first; of all clinics when `clinics` is nil.
struct DebtList {
    /// Where a page begins: behind this debt.
    struct Place {
        let dueOn: LocalDate
        let id: UInt128

        static let first = Place(dueOn: .earliest, id: 0)
    }

    /// What debts are called: the number of an invoice, or what a receivable is for.
    func titles(
        of debts: [Debt], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [Debt: String] {
        let found = try transaction.query(
            """
            SELECT id, true AS invoiced, number AS title FROM invoice
            WHERE organisation = \(organisation) AND id = ANY(\(debts.compactMap(\.invoice)))
            UNION ALL
            SELECT id, false, label FROM receivable
            WHERE organisation = \(organisation) AND id = ANY(\(debts.compactMap(\.receivable)))
            """
        ) { row in
            let isInvoiced: Bool = try row("invoiced")
            let debt: Debt = isInvoiced ? .invoice(try row("id")) : .receivable(try row("id"))
            return (debt, try row("title") as String)
        }
        return Dictionary(found) { first, _ in first }
    }

    /// The last day that one of some debts is of.
    func lastDay(of debts: [Debt], in change: inout Change) throws -> LocalDate? {
        try change.one(
            """
            SELECT greatest(
                (SELECT max(issued_on) FROM invoice WHERE id = ANY(\(debts.compactMap(\.invoice)))),
                (SELECT max(recorded_on) FROM receivable WHERE id = ANY(\(debts.compactMap(\.receivable))))) AS day
            """
        ) { row in try row("day") }
    }

    /// What a client owes of a period's days of issue, to be locked one by one; the oldest when there are more.
    func open(
        of client: ClientID, from first: LocalDate, to last: LocalDate, at clinics: [ClinicID]?, rows: Int,
        in change: inout Change
    ) throws -> [Debt] {
        try change.query(
            """
            SELECT id, true AS invoiced FROM invoice
            WHERE organisation = \(change.cause.organisation) AND client = \(client) AND number IS NOT NULL
                AND paid + credited + written_off < total AND issued_on BETWEEN \(first) AND \(last)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            UNION ALL
            SELECT id, false FROM receivable
            WHERE organisation = \(change.cause.organisation) AND client = \(client)
                AND paid + credited + written_off < amount AND recorded_on BETWEEN \(first) AND \(last)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id LIMIT \(Int64(rows))
            """
        ) { row in
            let isInvoiced: Bool = try row("invoiced")
            return isInvoiced ? .invoice(try row("id")) : .receivable(try row("id"))
        }
    }

    func open(
        of client: ClientID, in organisation: OrganisationID, at clinics: [ClinicID]?, after place: Place, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [DebtRow] {
        try transaction.query(
            """
            SELECT * FROM (
                SELECT id, true AS invoiced, clinic, number AS title, currency, total,
                    total - paid - credited - written_off AS due, due_on
                FROM invoice
                WHERE organisation = \(organisation) AND client = \(client) AND number IS NOT NULL
                    AND paid + credited + written_off < total
                UNION ALL
                SELECT id, false, clinic, label, currency, amount, amount - paid - credited - written_off, due_on
                FROM receivable
                WHERE organisation = \(organisation) AND client = \(client) AND paid + credited + written_off < amount
            ) AS debt
            WHERE (due_on, id) > (\(place.dueOn), \(place.id)::uuid)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY due_on, id LIMIT \(Int64(rows))
            """
        ) { row in
            let currency = try row.currency()
            let isInvoiced: Bool = try row("invoiced")
            return DebtRow(
                debt: isInvoiced ? .invoice(try row("id")) : .receivable(try row("id")), clinic: try row("clinic"),
                title: try row("title"), total: try row.money("total", currency), due: try row.money("due", currency),
                dueOn: try row("due_on"))
        }
    }
}
