import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Changes an invoice for a person who has seen it, and whom nobody has overtaken since.
struct ChangeInvoice {
    let database: Database
    let audit: AuditStore
    let invoices = InvoiceStore()

    /// `clinics` are those the caller acts for; an invoice of another one does not exist for it.
    ///
    /// The body answers what chains the invoice when it is issued, nil for any other change.
    func run(
        _ id: InvoiceID, as action: String, seen version: Int64, for clinics: ClinicAccess, because cause: Cause,
        _ body: @escaping @Sendable (inout Invoice, inout Change) throws -> ChainLink?
    ) async throws -> Applied<InvoiceAnswer> {
        try await database.change(because: cause) { change in
            guard var record = try invoices.lockRecord(id, in: &change), clinics.includes(record.invoice.clinic) else {
                throw NotFound.invoice(id)
            }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            let before = InvoiceTrace(record.invoice)
            let link = try body(&record.invoice, &change)
            try invoices.save(record.invoice, chainedBy: link, in: &change)
            record.version += 1
            try audit.record(
                action, about: id, before: before, after: InvoiceTrace(record.invoice), in: &change)
            return InvoiceAnswer(record)
        }
    }
}

/// What the audit trail tells of an invoice whose lines stay: what it is and comes to is enough (GEN-6).
struct InvoiceTrace: Codable, Sendable {
    let clientID: ClientID
    let status: String
    let number: String?
    let total: Money

    init(_ invoice: Invoice) {
        clientID = invoice.client
        status = invoice.status.text
        number = invoice.number
        total = invoice.total
    }
}
