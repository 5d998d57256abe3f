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
        let locking: Query<Head?> = .first(
            """
            SELECT \(columns) FROM invoice
            WHERE id = \(id) AND organisation = \(organisation) \(unescaped: "\(suffix)")
            """, readHead)
        let (found, rows) = try transaction.read(locking, DocumentParts.ofInvoices.reading(of: [id.value]))
        guard let head = found else { return nil }
        return InvoiceRecord(
            invoice: try invoices([head], rows, in: &transaction)[0], reference: head.reference, version: head.version)
    }

    func insert(_ invoice: Invoice, reference: String?, in change: inout Change) throws {
        try requireBalanced(invoice)
        let discount = DiscountColumns(invoice.content.discount)
        let delivery = try invoice.content.delivery.map { try PostgresJSON.of($0) }
        change.executeLater(
            """
            INSERT INTO invoice (id, organisation, clinic, client, reference, currency, total, due_on,
                discount_basis_points, discount_amount, notes, delivery_address, supplied_on, quote, deposit,
                payable_online)
            VALUES (\(invoice.id), \(change.cause.organisation), \(invoice.clinic), \(invoice.client), \(reference),
                \(invoice.currency.code), \(invoice.total.minorUnits), \(invoice.dueOn), \(discount.basisPoints),
                \(discount.amount), \(invoice.content.notes), \(delivery), \(invoice.content.suppliedOn),
                \(invoice.origin.quote), \(invoice.origin.isDeposit), \(invoice.origin.isPayableOnline))
            """)
        try DocumentParts.ofInvoices.insert(invoice.content, invoice.vat, of: invoice.id, in: &change)
        try insertDeductions(of: invoice, in: &change)
    }

    /// Writes a draft over what it said; the caller has locked it.
    func rewrite(_ draft: InvoiceRecord, in change: inout Change) throws {
        let invoice = draft.invoice
        try requireBalanced(invoice)
        let discount = DiscountColumns(invoice.content.discount)
        let delivery = try invoice.content.delivery.map { try PostgresJSON.of($0) }
        change.executeLater(
            """
            UPDATE invoice SET clinic = \(invoice.clinic), client = \(invoice.client),
                reference = \(draft.reference), currency = \(invoice.currency.code),
                total = \(invoice.total.minorUnits), due_on = \(invoice.dueOn),
                discount_basis_points = \(discount.basisPoints), discount_amount = \(discount.amount),
                notes = \(invoice.content.notes), delivery_address = \(delivery),
                supplied_on = \(invoice.content.suppliedOn), version = version + 1
            WHERE id = \(invoice.id)
            """)
        DocumentParts.ofInvoices.delete(of: invoice.id, in: &change)
        try DocumentParts.ofInvoices.insert(invoice.content, invoice.vat, of: invoice.id, in: &change)
    }

    /// The invoices of one series after a place in it, with what they were chained by.
    func chained(
        of clinic: ClinicID, in year: Int, after sequence: Int64, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [Chained<Invoice>] {
        let heads = try transaction.query(
            """
            SELECT \(columns), total, sequence, hash FROM invoice
            WHERE clinic = \(clinic) AND extract(year FROM issued_on) = \(Int32(year)) AND sequence > \(sequence)
            ORDER BY sequence LIMIT \(Int64(rows))
            """
        ) { row in (head: try readHead(row), total: try row("total") as Int64, link: try ChainLink(row)) }
        let invoices = try withParts(heads.map(\.head), in: &transaction)
        return zip(invoices, heads).map { invoice, row in
            Chained(document: invoice, link: row.total == invoice.total.minorUnits ? row.link : row.link?.broken)
        }
    }

    /// Saves what may change, and of one that is being issued what chains it to the one before.
    ///
    /// The document itself never changes, but for the day a draft is due on. `again` is the day on which it is due
    /// again, if it was settled.
    func save(
        _ invoice: Invoice, chainedBy link: ChainLink? = nil, dueAgainOn again: LocalDate? = nil,
        in change: inout Change
    ) throws {
        try requireBalanced(invoice)
        change.executeLater(
            """
            UPDATE invoice SET number = \(invoice.number), issued_on = \(invoice.issuedOn),
                due_on = \(invoice.dueOn),
                sequence = coalesce(\(link?.sequence), sequence), hash = coalesce(\(link?.hash), hash),
                cancelled = \(invoice.isCancelled),
                paid = \(invoice.paid.minorUnits), credited = \(invoice.credited.minorUnits),
                written_off = \(invoice.writtenOff.minorUnits),
                \(DueAgain.assigning(invoice.due, of: "total", on: again)), version = version + 1
            WHERE id = \(invoice.id)
            """)
    }

    /// Locks what a client owes in one currency, in the order of ids so that two payments at once cannot deadlock; of
    /// all clinics when `clinics` is nil.
    func lockingOpen(
        of client: ClientID, _ organisation: OrganisationID, at clinics: [ClinicID]?, in currency: Currency
    ) -> Query<[OpenDebt]> {
        .all(
            """
            SELECT id, total - paid - credited - written_off AS due, due_on FROM invoice
            WHERE organisation = \(organisation) AND client = \(client) AND currency = \(currency.code)
                AND number IS NOT NULL AND paid + credited + written_off < total
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id FOR UPDATE
            """
        ) { row in
            OpenDebt(.invoice(try row("id")), due: try row.money("due", currency), dueOn: try row("due_on"))
        }
    }

    /// Which quotes some debts were asked for on, each locked for whoever else counts cash for any of its invoices.
    ///
    /// Their rows cannot be: who turns a quote into an invoice holds its row and locks its deposits, and the debts here
    /// are locked already. Of others who hold this lock nobody waits for a debt.
    func lockSales(of debts: [Debt], in change: inout Change) throws -> [Debt: QuoteID] {
        let found = try change.query(
            """
            SELECT id, quote, pg_advisory_xact_lock(key) FROM (
                SELECT id, quote, hashtextextended('cash for quote ' || quote::text, 0) AS key FROM invoice
                WHERE id = ANY(\(debts.compactMap(\.invoice))) AND quote IS NOT NULL ORDER BY key) AS quoted
            """
        ) { row in (Debt.invoice(try row("id")), try row("quote") as QuoteID) }
        return Dictionary(found) { first, _ in first }
    }

    private func insertDeductions(of invoice: Invoice, in change: inout Change) throws {
        let parts = invoice.origin.deductions.flatMap { deduction in
            deduction.shares.map { (deposit: deduction.deposit, share: $0) }
        }
        guard !parts.isEmpty else { return }
        change.executeLater(
            """
            INSERT INTO invoice_deduction (invoice, organisation, deposit, vat_basis_points, base, vat)
            SELECT \(invoice.id), \(change.cause.organisation), *
            FROM unnest(\(parts.map(\.deposit)), \(parts.map { Int32($0.share.rate.value) }),
                \(parts.map(\.share.base.minorUnits)), \(parts.map(\.share.vat.minorUnits)))
            """)
    }

    private func requireBalanced(_ invoice: Invoice) throws(BrokenInvariant) {
        guard invoice.isBalanced else {
            throw BrokenInvariant(
                "billed = paid + credited + written off + due does not hold for invoice \(invoice.id)")
        }
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

private let columns: SQL = """
    id, clinic, client, reference, currency, due_on, number, issued_on, cancelled, paid, credited, written_off,
    discount_basis_points, discount_amount, notes, delivery_address, supplied_on, quote, deposit, payable_online,
    issued_to, version
    """

private struct Head {
    let id: InvoiceID
    let clinic: ClinicID
    let client: ClientID
    let reference: String?
    let currency: Currency
    let discount: Discount?
    let notes: String?
    let delivery: DeliveryPlace?
    let suppliedOn: LocalDate?
    let dueOn: LocalDate
    let quote: QuoteID?
    let isDeposit: Bool
    let isPayableOnline: Bool
    let number: String?
    let issuedOn: LocalDate?
    let isCancelled: Bool
    let paid: Money
    let credited: Money
    let writtenOff: Money
    let issuedTo: ClientID?
    let version: Int64

    func origin(_ deductions: [Deduction]) -> InvoiceOrigin {
        guard let quote else { return .desk }
        return isDeposit ? .deposit(quote, isOnline: isPayableOnline) : .quote(quote, less: deductions)
    }

    func invoice(_ parts: DocumentParts.Read, _ deductions: [Deduction]) throws -> Invoice {
        Invoice(
            id: id, clinic: clinic, client: client,
            content: DocumentContent(
                currency: currency, lines: parts.lines, discount: discount, notes: notes, delivery: delivery,
                suppliedOn: suppliedOn),
            dueOn: dueOn,
            saved: Invoice.SavedState(
                vat: try VATBreakdown(parts.shares, in: currency), origin: origin(deductions), number: number,
                issuedOn: issuedOn, isCancelled: isCancelled, paid: paid, credited: credited,
                writtenOff: writtenOff, issuedTo: issuedTo))
    }
}

private func readHead(_ row: Row) throws -> Head {
    let currency = try row.currency()
    return Head(
        id: try row("id"), clinic: try row("clinic"), client: try row("client"), reference: try row("reference"),
        currency: currency, discount: try DiscountColumns(row).discount(in: currency), notes: try row("notes"),
        delivery: try row.optionalJSON("delivery_address"), suppliedOn: try row("supplied_on"),
        dueOn: try row("due_on"), quote: try row("quote"), isDeposit: try row("deposit"),
        isPayableOnline: try row("payable_online"),
        number: try row("number"), issuedOn: try row("issued_on"), isCancelled: try row("cancelled"),
        paid: try row.money("paid", currency), credited: try row.money("credited", currency),
        writtenOff: try row.money("written_off", currency), issuedTo: try row("issued_to"), version: try row("version"))
}

/// The invoices whose heads were read, with their lines, VAT and deductions.
private func withParts(_ heads: [Head], in transaction: inout PostgresTransaction) throws -> [Invoice] {
    let rows = try transaction.read(DocumentParts.ofInvoices.reading(of: heads.map(\.id.value).sorted()))
    return try invoices(heads, rows, in: &transaction)
}

private func invoices(
    _ heads: [Head], _ rows: DocumentParts.Rows, in transaction: inout PostgresTransaction
) throws -> [Invoice] {
    let currencies = Dictionary(heads.map { ($0.id.value, $0.currency) }) { first, _ in first }
    let parts = try rows.parts(in: currencies)
    let deductions = try deductions(of: heads, in: &transaction)
    return try heads.map { head in
        try head.invoice(parts[head.id.value] ?? DocumentParts.Read(), deductions[head.id] ?? [])
    }
}

/// What finals among these take off, in the order of the deposits' ids.
private func deductions(
    of heads: [Head], in transaction: inout PostgresTransaction
) throws -> [InvoiceID: [Deduction]] {
    let finals = heads.filter { $0.quote != nil && !$0.isDeposit }
    guard !finals.isEmpty else { return [:] }
    let currencies = Dictionary(finals.map { ($0.id, $0.currency) }) { first, _ in first }
    let rows = try transaction.query(
        """
        SELECT invoice_deduction.invoice, invoice_deduction.deposit, invoice.number, vat_basis_points, base, vat
        FROM invoice_deduction JOIN invoice ON invoice.id = invoice_deduction.deposit
        WHERE invoice_deduction.invoice = ANY(\(finals.map(\.id)))
        ORDER BY invoice_deduction.invoice, invoice_deduction.deposit, vat_basis_points DESC
        """
    ) { row in
        let id: InvoiceID = try row("invoice")
        let share = try VATShare(row, currencies[id] ?? .eur)
        return (id, Deduction(deposit: try row("deposit"), number: try row("number"), shares: [share]))
    }
    var found: [InvoiceID: [Deduction]] = [:]
    for (id, part) in rows {
        if let last = found[id]?.last, last.deposit == part.deposit {
            found[id]?.removeLast()
            found[id]?.append(
                Deduction(deposit: last.deposit, number: last.number, shares: last.shares + part.shares))
        } else {
            found[id, default: []].append(part)
        }
    }
    return found
}
