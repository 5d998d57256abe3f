import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime

/// Issued documents as pages and as e-invoices (INV-5), and quotes as pages (INV-3).
struct DocumentRoutes {
    let print: PrintDocument
    /// Where clients pay, without the link's own part; nil when it was not set.
    let payAddress: String?

    /// A link was asked for, and the service was not told where clients pay.
    struct NoPayAddress: Error {}

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant, .service], scope: "invoices:read")
        return [
            Route(.get, "/v1/invoices/{invoiceID}/pdf", operation: "getInvoicePDF", access: reading, invoicePDF),
            Route(
                .get, "/v1/invoices/{invoiceID}/factur-x", operation: "getInvoiceData", access: reading, invoiceData),
            Route(
                .get, "/v1/credit-notes/{creditNoteID}/pdf", operation: "getCreditNotePDF", access: reading, notePDF),
            Route(.get, "/v1/quotes/{quoteID}/pdf", operation: "getQuotePDF", access: reading, quotePDF),
            Route(
                .get, "/v1/credit-notes/{creditNoteID}/factur-x", operation: "getCreditNoteData", access: reading,
                noteData),
        ]
    }

    @Sendable private func invoicePDF(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let (language, token): (Language?, String?) = try request.readQuery { fields in
            (
                fields.optionalEnumeration("language"),
                fields.optionalText("payToken", max: 100, remedy: "Give what follows /p/ in the client's link.") {
                    text in
                    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
                        ? text : nil
                }
            )
        }
        let printable = try await print.invoice(id, for: try request.principal)
        let link = try token.map { token in
            guard let payAddress else { throw NoPayAddress() }
            return "\(payAddress)/p/\(token)"
        }
        return try await pdf(printable, language, printable.isPayableOnline ? link : nil)
    }

    @Sendable private func notePDF(_ request: Request) async throws -> Response {
        let id: CreditNoteID = try request.path("creditNoteID")
        let language: Language? = try request.readQuery { fields in fields.optionalEnumeration("language") }
        return try await pdf(try await print.creditNote(id, for: try request.principal), language, nil)
    }

    @Sendable private func quotePDF(_ request: Request) async throws -> Response {
        let id: QuoteID = try request.path("quoteID")
        let language: Language? = try request.readQuery { fields in fields.optionalEnumeration("language") }
        return try await pdf(try await print.quote(id, for: try request.principal), language, nil)
    }

    @Sendable private func invoiceData(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        return try data(try await print.invoice(id, for: try request.principal))
    }

    @Sendable private func noteData(_ request: Request) async throws -> Response {
        let id: CreditNoteID = try request.path("creditNoteID")
        return try data(try await print.creditNote(id, for: try request.principal))
    }

    private func pdf(
        _ printable: PrintDocument.Printable, _ language: Language?, _ link: String?
    ) async throws -> Response {
        let bytes = try await print.pdf(printable, language: language, payLink: link)
        return .bytes(
            .ok, bytes, contentType: "application/pdf", filename: "\(printable.document.number).pdf")
    }

    private func data(_ printable: PrintDocument.Printable) throws -> Response {
        .bytes(
            .ok, Array(try print.data(printable).utf8), contentType: "application/xml",
            filename: "\(printable.document.number).xml")
    }
}
