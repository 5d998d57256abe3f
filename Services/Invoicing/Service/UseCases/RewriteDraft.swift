import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Writes a draft anew; an issued invoice is corrected by a credit note instead.
struct RewriteDraft {
    let database: Database
    let audit: AuditStore
    let invoices = InvoiceStore()
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let sellers = SellerStore()

    /// `clinics` are those the caller acts for; an invoice of another one does not exist for it.
    func run(
        _ id: InvoiceID, as draft: InvoiceDraft, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        try await database.change(because: cause) { change in
            // Before the invoice, as whoever merges or forgets a client takes them.
            guard try clients.has(draft.client, in: &change) else { throw NotFound.client(draft.client) }
            guard let known = try invoices.lockRecord(id, in: &change), clinics.includes(known.invoice.clinic) else {
                throw NotFound.invoice(id)
            }
            guard known.version == version else { throw StaleVersion(current: known.version) }
            guard try organisations.hasClinic(draft.clinic, in: &change) else { throw NotFound.clinic(draft.clinic) }
            let invoice = try known.invoice.rewritten(
                for: draft.client, at: draft.clinic, content: draft.content, dueOn: draft.dueOn)
            try sellers.vatRule(in: &change).admit(draft.content.lines)
            let record = InvoiceRecord(invoice: invoice, reference: draft.reference, version: version + 1)
            try invoices.rewrite(record, in: &change)
            let answer = InvoiceAnswer(record)
            // All of it: of what a draft said nothing else is left.
            try audit.record("draft-rewritten", about: id, before: InvoiceAnswer(known), after: answer, in: &change)
            return answer
        }
    }
}
