import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Gives a draft its number and makes it payable.
struct IssueInvoice {
    let database: Database
    let invoices = InvoiceStore()
    let series = SeriesStore()

    /// `clinics` are those the caller acts for; an invoice of another one does not exist for it.
    func run(
        _ id: InvoiceID, on day: LocalDate, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        try await database.change(because: cause) { change in
            guard var invoice = try invoices.lock(id, in: &change), clinics.includes(invoice.clinic) else {
                throw NotFound.invoice(id)
            }
            try issue(&invoice, on: day, &change)
            try invoices.save(invoice, in: &change)
            return InvoiceAnswer(invoice)
        }
    }

    /// Decides before it numbers, since a refused invoice must not lock its series.
    func issue(_ invoice: inout Invoice, on day: LocalDate, _ change: inout Change) throws {
        var trial = invoice
        _ = try trial.issue(number: "-", on: day)
        let number = try series.next(.invoice, of: invoice.clinic, in: day.year, &change)
        change.announce(try invoice.issue(number: number, on: day), about: invoice)
    }
}
