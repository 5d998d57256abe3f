import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime

/// A client's statement and the receipt of a payment, to print, to send and to open in a spreadsheet (INV-7, INV-10).
struct StatementRoutes {
    let print: PrintAccount

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "clients:read")
        let statement = "/v1/clients/{clientID}/statement"
        return [
            Route(.get, "\(statement)/pdf", operation: "getStatementPDF", access: reading, pdf),
            Route(.get, "\(statement)/html", operation: "getStatementPage", access: reading, page),
            Route(.get, "\(statement)/csv", operation: "getStatementSheet", access: reading, sheet),
            Route(
                .get, "/v1/payments-on-account/{paymentOnAccountID}/receipt", operation: "getReceipt",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "invoices:read"), receipt),
        ]
    }

    /// A statement and the language it is asked for in; nil is the client's.
    private func statement(_ request: Request) async throws -> (PrintableStatement, Language?) {
        let id: ClientID = try request.path("clientID")
        let (period, language): ((from: LocalDate, to: LocalDate), Language?) = try request.readQuery { fields in
            (fields.period(), fields.optionalEnumeration("language"))
        }
        let found = try await print.statement(
            of: id, from: period.from, to: period.to, in: try request.organisation, language: language)
        return (found, language)
    }

    @Sendable private func pdf(_ request: Request) async throws -> Response {
        let (printable, language) = try await statement(request)
        return .bytes(
            .ok, try await print.pdf(printable, language: language), contentType: "application/pdf",
            filename: "\(printable.fileName).pdf")
    }

    @Sendable private func page(_ request: Request) async throws -> Response {
        let (printable, language) = try await statement(request)
        let words = StatementWords(language: language ?? printable.language)
        return .html(.ok, StatementPage(printable: printable, words: words).html)
    }

    @Sendable private func sheet(_ request: Request) async throws -> Response {
        let (printable, language) = try await statement(request)
        let sheet = StatementSheet(
            printable.statement, from: printable.from, to: printable.to, language: language ?? printable.language)
        return .bytes(
            .ok, Array(sheet.text.utf8), contentType: "text/csv; charset=utf-8",
            filename: "\(printable.fileName).csv")
    }

    @Sendable private func receipt(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let language: Language? = try request.readQuery { fields in fields.optionalEnumeration("language") }
        let printable = try await print.receipt(of: id, for: try request.principal)
        let name = printable.number.isEmpty ? "receipt-\(id)" : printable.number
        return .bytes(
            .ok, try await print.pdf(printable, language: language), contentType: "application/pdf",
            filename: "\(name).pdf")
    }
}

extension PrintableStatement {
    fileprivate var fileName: String { "statement-\(from)-\(to)" }
}
