import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Which invoices are asked for; nil is any.
struct InvoiceFilter: Sendable {
    let client: ClientID?
    let clinic: ClinicID?
    /// Without one, all but the drafts that were given up.
    let status: InvoiceStatusWord?
    let number: String?
    let due: DayPeriod
    /// Drafts have no day of issue, and are of no period.
    let issued: DayPeriod
}

/// Where an invoice is, as the wire says it.
enum InvoiceStatusWord: String, Codable, CaseIterable, Sendable {
    case draft, cancelled, issued, paid, credited
    case partPaid = "part-paid"
    case writtenOff = "written-off"
}

/// Invoices in lists, newest first, those of a period by their days; of all clinics when `clinics` is nil.
struct InvoiceLists {
    func invoices(
        of organisation: OrganisationID, at clinics: [ClinicID]?, _ filter: InvoiceFilter, before: InvoiceID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceSummary] {
        let order = filter.issued.order(by: "issued_on", of: filter.client)
        let page = ClinicRows.page(
            "invoice", in: order, at: ClinicRows.clinics(clinics, only: filter.clinic), before: before,
            where: "organisation = \(organisation) AND \(condition(filter))", rows: rows)
        return try transaction.query(
            """
            SELECT id, clinic, client, number, reference, currency, issued_on, due_on, total,
                CASE WHEN cancelled THEN 0 ELSE total - paid - credited - written_off END AS due,
                \(Self.status) AS status
            FROM \(page) AS invoice ORDER BY \(order.clause) LIMIT \(Int64(rows))
            """
        ) { row in
            let currency = try row.currency()
            return InvoiceSummary(
                id: try row("id"), clinicID: try row("clinic"), clientID: try row("client"),
                status: try row.word("status"), number: try row("number"), reference: try row("reference"),
                issuedOn: try row("issued_on"), dueOn: try row("due_on"), total: try row.money("total", currency),
                due: try row.money("due", currency))
        }
    }

    /// Only what is asked for is in it, so that each has its index; clinics are asked one by one.
    private func condition(_ filter: InvoiceFilter) -> SQL {
        var condition: SQL = filter.status == nil ? "NOT cancelled" : "TRUE"
        if let status = filter.status { condition = "\(condition) AND \(Self.condition(status))" }
        if let client = filter.client {
            let days = filter.issued.condition(on: "issued_on")
            condition = "\(condition) AND client = \(client)\(days)"
        }
        if let number = filter.number { condition = "\(condition) AND number = \(number)" }
        let due = filter.due.condition(on: "due_on")
        return "\(condition)\(due)"
    }

    /// What is few among all is said as the indexes that hold only that say it.
    private static func condition(_ status: InvoiceStatusWord) -> SQL {
        let open: SQL = "number IS NOT NULL AND paid + credited + written_off < total"
        let closed: SQL = "number IS NOT NULL AND paid + credited + written_off >= total"
        return switch status {
        case .draft: "number IS NULL AND NOT cancelled"
        case .cancelled: "number IS NULL AND cancelled"
        case .issued: "\(open) AND paid = 0"
        case .partPaid: "\(open) AND paid > 0"
        case .writtenOff: "\(closed) AND written_off > 0"
        case .credited: "\(closed) AND written_off = 0 AND credited > 0 AND credited = total"
        case .paid: "\(closed) AND written_off = 0 AND NOT (credited > 0 AND credited = total)"
        }
    }

    /// As the domain derives it from the amounts.
    private static let status: SQL = """
        CASE
            WHEN number IS NULL THEN CASE WHEN cancelled THEN 'cancelled' ELSE 'draft' END
            WHEN total - paid - credited - written_off > 0 THEN CASE paid WHEN 0 THEN 'issued' ELSE 'part-paid' END
            WHEN written_off > 0 THEN 'written-off'
            WHEN credited = total AND total > 0 THEN 'credited'
            ELSE 'paid'
        END
        """
}
