import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// What a person writes on an invoice.
struct InvoiceDraft: Sendable {
    let client: ClientID
    let clinic: ClinicID
    let content: DocumentContent
    let dueOn: LocalDate
    /// In the practice's own software.
    let reference: String?
}

/// Writes an invoice, as a draft or issued at once.
struct WriteInvoice {
    let database: Database
    let ids: IdentifierSource
    let invoices = InvoiceStore()
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let sellers = SellerStore()
    private var audit: AuditStore { AuditStore(ids: ids) }

    func run(
        _ draft: InvoiceDraft, issuedOn day: LocalDate?, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        let id: InvoiceID = ids.make()
        return try await database.change(because: cause) { change in
            let (rule, lines) = (try sellers.vatRule(in: &change), draft.content.lines)
            if day == nil { try rule.admit(lines) } else { try rule.admitIssue(of: lines) }
            let record = try write(draft, as: id, issuedOn: day, in: &change)
            try note("invoice-written", record, in: &change)
            return InvoiceAnswer(record)
        }
    }

    func write(
        _ draft: InvoiceDraft, as id: InvoiceID, issuedOn day: LocalDate?, in change: inout Change
    ) throws -> InvoiceRecord {
        let organisation = change.cause.organisation
        let (hasClinic, client) = try change.read(
            organisations.hasClinic(draft.clinic, organisation), clients.locking(draft.client, organisation))
        guard hasClinic else { throw NotFound.clinic(draft.clinic) }
        guard client != nil else { throw NotFound.client(draft.client) }
        let invoice = try Invoice(
            id: id, clinic: draft.clinic, client: draft.client, content: draft.content, dueOn: draft.dueOn)
        var record = InvoiceRecord(invoice: invoice, reference: draft.reference)
        try invoices.insert(invoice, reference: draft.reference, in: &change)
        if let day { try issue(&record, on: .chosen(day), in: &change) }
        return record
    }

    /// What a person wrote, in the audit trail.
    func note(_ action: String, _ record: InvoiceRecord, in change: inout Change) throws {
        try audit.record(
            action, about: record.invoice.id, before: nil as InvoiceTrace?, after: InvoiceTrace(record.invoice),
            in: &change)
    }

    func issue(_ record: inout InvoiceRecord, on day: IssueDay, in change: inout Change) throws {
        let link = try IssueInvoice(database: database, audit: audit).issue(&record.invoice, on: day, &change)
        try invoices.save(record.invoice, chainedBy: link, in: &change)
        record.version += 1
    }
}
