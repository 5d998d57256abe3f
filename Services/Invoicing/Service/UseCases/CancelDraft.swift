import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Gives a draft up; an issued invoice is corrected by a credit note instead.
struct CancelDraft {
    let changing: ChangeInvoice

    func run(
        _ id: InvoiceID, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        try await changing.run(id, as: "draft-cancelled", seen: version, for: clinics, because: cause) { invoice, _ in
            try invoice.cancel()
            return nil
        }
    }
}
