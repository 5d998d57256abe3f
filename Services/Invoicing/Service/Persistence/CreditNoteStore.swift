import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A document that takes something off an issued invoice.
struct CreditNote: Sendable {
    let id: CreditNoteID
    let invoice: InvoiceID
    let client: ClientID
    let number: String
    let issuedOn: LocalDate
    let vat: VATBreakdown
    let reason: String
}

/// Credit notes; like every issued document they are written once.
struct CreditNoteStore {
    /// What all credit notes of an invoice gave back of each rate.
    func shares(of invoice: Invoice, in change: inout Change) throws -> [VATShare] {
        try change.query(
            """
            SELECT vat_basis_points, sum(base)::bigint AS base, sum(vat)::bigint AS vat
            FROM credit_note_vat JOIN credit_note ON credit_note.id = credit_note_vat.credit_note
            WHERE credit_note.invoice = \(invoice.id) GROUP BY vat_basis_points
            """
        ) { row in
            let rate: Int32 = try row("vat_basis_points")
            return VATShare(
                rate: BasisPoints(Int(rate)), base: try row.money("base", invoice.currency),
                vat: try row.money("vat", invoice.currency))
        }
    }

    func insert(_ note: CreditNote, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO credit_note (id, organisation, invoice, client, number, issued_on, currency, total, reason)
            VALUES (\(note.id), \(change.cause.organisation), \(note.invoice), \(note.client), \(note.number),
                \(note.issuedOn), \(note.vat.total.currency.code), \(note.vat.total.minorUnits), \(note.reason))
            """)
        let shares = note.vat.shares
        try change.execute(
            """
            INSERT INTO credit_note_vat (credit_note, organisation, vat_basis_points, base, vat)
            SELECT \(note.id), \(change.cause.organisation), *
            FROM unnest(\(shares.map { Int32($0.rate.value) }), \(shares.map(\.base.minorUnits)),
                \(shares.map(\.vat.minorUnits)))
            """)
    }
}
