import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Credit notes; like every issued document they are written once.
struct CreditNoteStore {
    /// What all credit notes of an invoice gave back of each rate.
    func shares(of invoice: Invoice, in change: inout Change) throws -> [VATShare] {
        try shares(of: [invoice.id: invoice.currency], in: &change.transaction)[invoice.id] ?? []
    }

    /// The same of several invoices, which are in these currencies.
    func shares(
        of invoices: [InvoiceID: Currency], in transaction: inout PostgresTransaction
    ) throws -> [InvoiceID: [VATShare]] {
        let found = try transaction.query(
            """
            SELECT invoice, vat_basis_points, sum(base)::bigint AS base, sum(vat)::bigint AS vat
            FROM credit_note_vat JOIN credit_note ON credit_note.id = credit_note_vat.credit_note
            WHERE credit_note.invoice = ANY(\(Array(invoices.keys))) GROUP BY invoice, vat_basis_points
            """
        ) { row in
            let invoice: InvoiceID = try row("invoice")
            return (invoice, try VATShare(row, invoices[invoice] ?? .eur))
        }
        return Dictionary(grouping: found) { $0.0 }.mapValues { $0.map(\.1) }
    }

    func insert(_ note: CreditNote, at place: SeriesPlace, link: ChainLink, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO credit_note (id, organisation, invoice, client, number, issued_on, currency, total, reason,
                clinic, sequence, hash)
            VALUES (\(note.id), \(change.cause.organisation), \(note.invoice), \(note.client), \(note.number),
                \(note.issuedOn), \(note.vat.total.currency.code), \(note.vat.total.minorUnits), \(note.reason),
                \(place.clinic), \(link.sequence), \(link.hash))
            """)
        let shares = note.vat.shares
        change.executeLater(
            """
            INSERT INTO credit_note_vat (credit_note, organisation, vat_basis_points, base, vat)
            SELECT \(note.id), \(change.cause.organisation), *
            FROM unnest(\(shares.map { Int32($0.rate.value) }), \(shares.map(\.base.minorUnits)),
                \(shares.map(\.vat.minorUnits)))
            """)
    }

    /// The credit notes of an invoice after an id, oldest first.
    func list(
        of invoice: InvoiceID, in organisation: OrganisationID, after id: CreditNoteID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [CreditNote] {
        let heads = try transaction.query(
            """
            SELECT id, invoice, client, number, issued_on, currency, total, reason, sequence,
                hash, issued_to
            FROM credit_note
            WHERE organisation = \(organisation) AND invoice = \(invoice) AND id > \(id)
            ORDER BY id LIMIT \(Int64(rows))
            """, read)
        return try withShares(heads, in: &transaction).map(\.document)
    }

    /// Credit notes before an id, newest first, those of a period by their days; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, _ filter: DocumentFilter, before: CreditNoteID,
        rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [CreditNote] {
        let asked = filter.condition(on: "credit_note")
        let condition: SQL = "credit_note.organisation = \(organisation)\(asked)"
        let clinics = ClinicRows.clinics(clinics, only: filter.clinic)
        var page = ClinicRows.page(
            "credit_note", in: filter.order, at: clinics, before: before, where: condition, rows: rows)
        if let clinics {
            // Those of before there were chains did not say at which clinic: it is that of their invoice.
            let theirs: SQL = """
                \(condition) AND clinic IS NULL
                    AND (SELECT invoice.clinic FROM invoice WHERE invoice.id = credit_note.invoice) = ANY(\(clinics))
                """
            let old = ClinicRows.page(
                "credit_note", in: filter.order, at: nil, before: before, where: theirs, rows: rows)
            page = "(\(page) UNION ALL \(old))"
        }
        let heads = try transaction.query(
            """
            SELECT id, invoice, client, number, issued_on, currency, total, reason, sequence, hash, issued_to
            FROM \(page) AS credit_note ORDER BY \(filter.order.clause) LIMIT \(Int64(rows))
            """, read)
        return try withShares(heads, in: &transaction).map(\.document)
    }

    func find(
        _ id: CreditNoteID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> CreditNote? {
        let heads = try transaction.query(
            """
            SELECT id, invoice, client, number, issued_on, currency, total, reason, sequence,
                hash, issued_to
            FROM credit_note WHERE organisation = \(organisation) AND id = \(id)
            """, read)
        return try withShares(heads, in: &transaction).first?.document
    }

    /// The credit notes of one series after a place in it, with what they were chained by.
    func chained(
        of clinic: ClinicID, in year: Int, after sequence: Int64, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [Chained<CreditNote>] {
        let heads = try transaction.query(
            """
            SELECT id, invoice, client, number, issued_on, currency, total, reason, sequence,
                hash, issued_to
            FROM credit_note
            WHERE clinic = \(clinic) AND extract(year FROM issued_on) = \(Int32(year)) AND sequence > \(sequence)
            ORDER BY sequence LIMIT \(Int64(rows))
            """, read)
        return try withShares(heads, in: &transaction)
    }

    private struct Head {
        let note: (VATBreakdown) -> CreditNote
        let id: CreditNoteID
        let currency: Currency
        let total: Int64
        let link: ChainLink?
    }

    private func read(_ row: Row) throws -> Head {
        let id: CreditNoteID = try row("id")
        let (invoice, client): (InvoiceID, ClientID) = (try row("invoice"), try row("client"))
        let issuedTo: ClientID? = try row("issued_to")
        let (number, day, reason): (String, LocalDate, String) = (
            try row("number"), try row("issued_on"), try row("reason")
        )
        return Head(
            note: { vat in
                CreditNote(
                    id: id, invoice: invoice, client: client, issuedTo: issuedTo, number: number, issuedOn: day,
                    vat: vat, reason: reason)
            }, id: id, currency: try row.currency(), total: try row("total"), link: try ChainLink(row))
    }

    private func withShares(
        _ heads: [Head], in transaction: inout PostgresTransaction
    ) throws -> [Chained<CreditNote>] {
        let currencies = Dictionary(heads.map { ($0.id, $0.currency) }) { first, _ in first }
        let shares = try transaction.query(
            """
            SELECT credit_note, vat_basis_points, base, vat FROM credit_note_vat
            WHERE credit_note = ANY(\(heads.map(\.id))) ORDER BY credit_note, vat_basis_points DESC
            """
        ) { row in
            let id: CreditNoteID = try row("credit_note")
            return (id, try VATShare(row, currencies[id] ?? .eur))
        }
        let known = Dictionary(grouping: shares) { $0.0 }
        return try heads.map { head in
            let vat = try VATBreakdown((known[head.id] ?? []).map(\.1), in: head.currency)
            let link = head.total == vat.total.minorUnits ? head.link : head.link?.broken
            return Chained(document: head.note(vat), link: link)
        }
    }
}

/// An issued document and what ties it to the one before; nil for what was issued before there were chains.
struct Chained<Document: Sendable>: Sendable {
    let document: Document
    let link: ChainLink?
}

extension ChainLink {
    /// Reads the columns of a document.
    init?(_ row: Row) throws {
        let sequence: Int64? = try row("sequence")
        let hash: String? = try row("hash")
        guard let sequence, let hash else { return nil }
        self.init(sequence: sequence, hash: hash)
    }
}
