import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Invoices with their lines, VAT and amounts.
struct InvoiceStore {
    /// Locks an invoice until the change ends, so that its moves come one after the other; nil when there is none.
    func lock(_ id: InvoiceID, in change: inout Change) throws -> Invoice? {
        try lockRecord(id, in: &change)?.invoice
    }

    /// The same with the version a person may have seen.
    func lockRecord(_ id: InvoiceID, in change: inout Change) throws -> InvoiceRecord? {
        try record(id, of: change.cause.organisation, suffix: "FOR UPDATE", in: &change.transaction)
    }

    func find(
        _ id: InvoiceID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> InvoiceRecord? {
        try record(id, of: organisation, suffix: "", in: &transaction)
    }

    private func record(
        _ id: InvoiceID, of organisation: OrganisationID, suffix: StaticString,
        in transaction: inout PostgresTransaction
    ) throws -> InvoiceRecord? {
        guard let head = try transaction.first(selectHead(id, of: organisation, suffix: suffix), readHead) else {
            return nil
        }
        return InvoiceRecord(
            invoice: head.invoice(try Parts(of: id, head, in: &transaction)), reference: head.reference,
            version: head.version)
    }

    func insert(_ invoice: Invoice, reference: String?, in change: inout Change) throws {
        assertBalanced(invoice)
        try change.execute(
            """
            INSERT INTO invoice (id, organisation, clinic, client, reference, currency, total, due_on)
            VALUES (\(invoice.id), \(change.cause.organisation), \(invoice.clinic), \(invoice.client), \(reference),
                \(invoice.currency.code), \(invoice.total.minorUnits), \(invoice.dueOn))
            """)
        try insertLines(of: invoice, in: &change)
        try insertVAT(of: invoice, in: &change)
    }

    /// Saves what may change; the document itself never does.
    func save(_ invoice: Invoice, in change: inout Change) throws {
        assertBalanced(invoice)
        try change.execute(
            """
            UPDATE invoice SET number = \(invoice.number), issued_on = \(invoice.issuedOn),
                cancelled = \(invoice.isCancelled),
                paid = \(invoice.paid.minorUnits), credited = \(invoice.credited.minorUnits), version = version + 1
            WHERE id = \(invoice.id)
            """)
    }

    /// Locks what a client owes in one currency, in the order of ids so that two payments at once cannot deadlock.
    func lockOpen(of client: ClientID, in currency: Currency, _ change: inout Change) throws -> [OpenDebt] {
        try change.query(
            """
            SELECT id, total - paid - credited AS due, due_on FROM invoice
            WHERE organisation = \(change.cause.organisation) AND client = \(client) AND currency = \(currency.code)
                AND number IS NOT NULL AND paid + credited < total
            ORDER BY id FOR UPDATE
            """
        ) { row in
            OpenDebt(.invoice(try row("id")), due: try row.money("due", currency), dueOn: try row("due_on"))
        }
    }

    private func insertLines(of invoice: Invoice, in change: inout Change) throws {
        let lines = invoice.lines
        try change.execute(
            """
            INSERT INTO invoice_line (invoice, organisation, position, label, quantity_thousandths,
                unit_price_ten_thousandths, vat_basis_points)
            SELECT \(invoice.id), \(change.cause.organisation), *
            FROM unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.label)),
                \(lines.map(\.quantity.thousandths)), \(lines.map(\.unitPrice.tenThousandths)),
                \(lines.map { Int32($0.vatRate.value) }))
            """)
    }

    private func insertVAT(of invoice: Invoice, in change: inout Change) throws {
        let shares = invoice.vat.shares
        try change.execute(
            """
            INSERT INTO invoice_vat (invoice, organisation, vat_basis_points, base, vat)
            SELECT \(invoice.id), \(change.cause.organisation), *
            FROM unnest(\(shares.map { Int32($0.rate.value) }), \(shares.map(\.base.minorUnits)),
                \(shares.map(\.vat.minorUnits)))
            """)
    }

    private func assertBalanced(_ invoice: Invoice) {
        precondition(invoice.isBalanced, "billed = paid + credited + due does not hold for invoice \(invoice.id)")
    }
}

/// An invoice with what its readers see beside it.
struct InvoiceRecord: Sendable {
    var invoice: Invoice
    /// In the practice's own software.
    let reference: String?
    var version: Int64 = 1
}

// MARK: Reading rows

private struct Head {
    let id: InvoiceID
    let clinic: ClinicID
    let client: ClientID
    let reference: String?
    let currency: Currency
    let dueOn: LocalDate
    let saved: Invoice.SavedState
    let version: Int64

    func invoice(_ parts: Parts) -> Invoice {
        Invoice(
            id: id, clinic: clinic, client: client, lines: parts.lines, vat: parts.vat, dueOn: dueOn, saved: saved)
    }
}

private func selectHead(_ id: InvoiceID, of organisation: OrganisationID, suffix: StaticString) -> SQL {
    """
    SELECT id, clinic, client, reference, currency, due_on, number, issued_on, cancelled, paid, credited, version
    FROM invoice WHERE id = \(id) AND organisation = \(organisation) \(unescaped: "\(suffix)")
    """
}

private func readHead(_ row: Row) throws -> Head {
    let currency = try row.currency()
    return Head(
        id: try row("id"), clinic: try row("clinic"), client: try row("client"), reference: try row("reference"),
        currency: currency, dueOn: try row("due_on"),
        saved: Invoice.SavedState(
            number: try row("number"), issuedOn: try row("issued_on"), isCancelled: try row("cancelled"),
            paid: try row.money("paid", currency), credited: try row.money("credited", currency)),
        version: try row("version"))
}

private struct Parts {
    let lines: [InvoiceLine]
    let vat: VATBreakdown

    init(of id: InvoiceID, _ head: Head, in transaction: inout PostgresTransaction) throws {
        lines = try transaction.query(
            """
            SELECT label, quantity_thousandths, unit_price_ten_thousandths, vat_basis_points
            FROM invoice_line WHERE invoice = \(id) ORDER BY position
            """, readLine)
        let shares = try transaction.query(
            """
            SELECT vat_basis_points, base, vat FROM invoice_vat
            WHERE invoice = \(id) ORDER BY vat_basis_points DESC
            """
        ) { row in
            VATShare(
                rate: try rate(row), base: try row.money("base", head.currency),
                vat: try row.money("vat", head.currency))
        }
        vat = try VATBreakdown(shares, in: head.currency)
    }
}

private func rate(_ row: Row) throws -> BasisPoints {
    let value: Int32 = try row("vat_basis_points")
    return BasisPoints(Int(value))
}

private func readLine(_ row: Row) throws -> InvoiceLine {
    guard let quantity = Quantity(thousandths: try row("quantity_thousandths")),
        let price = UnitPrice(tenThousandths: try row("unit_price_ten_thousandths"))
    else { throw PostgresError(.decoding, "a line does not hold a quantity and a price") }
    return InvoiceLine(
        label: try row("label"), quantity: quantity, unitPrice: price,
        vatRate: try rate(row))
}
