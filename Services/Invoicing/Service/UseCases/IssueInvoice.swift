import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Gives a draft its number and makes it payable.
struct IssueInvoice {
    let database: Database
    let changing: ChangeInvoice
    let series = SeriesStore()
    let parties = PartiesStore()
    let sellers = SellerStore()

    init(database: Database, audit: AuditStore) {
        self.database = database
        changing = ChangeInvoice(database: database, audit: audit)
    }

    /// `dueOn` says anew when it is to be paid; nil leaves it as the draft says.
    func run(
        _ id: InvoiceID, on day: LocalDate, dueOn: LocalDate?, seen version: Int64, for clinics: ClinicAccess,
        because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        try await changing.run(id, as: "invoice-issued", seen: version, for: clinics, because: cause) {
            invoice, change in
            try sellers.vatRule(in: &change).admitIssue(of: invoice.content.lines)
            if let dueOn { try invoice.postpone(to: dueOn) }
            return try issue(&invoice, on: .chosen(day), &change)
        }
    }

    /// Decides before it numbers, since a refused invoice must not lock its series; the caller saves the invoice with
    /// what chains it to the one before.
    func issue(_ invoice: inout Invoice, on when: IssueDay, _ change: inout Change) throws -> ChainLink {
        var trial = invoice
        _ = try trial.issue(number: "-", on: when.day)
        let place = try series.next(
            .invoice, of: invoice.clinic, on: when, keeping: parties.keeping(of: invoice), &change)
        change.announce(try invoice.issue(number: place.number, on: place.day), about: invoice)
        guard let text = invoice.chainText(after: place.previous, between: place.parties) else {
            throw InvoiceRejection.notIssued
        }
        let link = ChainLink(place, text)
        series.close(place, with: link, in: &change)
        return link
    }
}
