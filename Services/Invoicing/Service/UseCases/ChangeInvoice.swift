import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Changes an invoice for a person who has seen it, and whom nobody has overtaken since.
struct ChangeInvoice {
    let database: Database
    let invoices = InvoiceStore()

    /// `clinics` are those the caller acts for; an invoice of another one does not exist for it.
    ///
    /// The body answers what chains the invoice when it is issued, nil for any other change.
    func run(
        _ id: InvoiceID, seen version: Int64, for clinics: ClinicAccess, because cause: Cause,
        _ body: @escaping @Sendable (inout Invoice, inout Change) throws -> ChainLink?
    ) async throws -> Applied<InvoiceAnswer> {
        try await database.change(because: cause) { change in
            guard var record = try invoices.lockRecord(id, in: &change), clinics.includes(record.invoice.clinic) else {
                throw NotFound.invoice(id)
            }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            let link = try body(&record.invoice, &change)
            try invoices.save(record.invoice, chainedBy: link, in: &change)
            record.version += 1
            return InvoiceAnswer(record)
        }
    }
}
