import HTTPServer
import InvoicingDomain
import ServiceRuntime

/// Takes in exports of practice-management software.
struct ImportRoutes {
    let imports: ImportInvoices
    /// Larger exports are sent in several files.
    let fileBytesMax: Int

    var routes: [Route] {
        [
            Route(
                .post, "/v1/invoice-imports", operation: "importInvoices",
                access: .roles([.manager, .frontDesk, .accountant], scope: "invoices:write"), idempotency: .required,
                bodyBytesMax: fileBytesMax, timeMax: .seconds(300), run)
        ]
    }

    @Sendable private func run(_ request: Request) async throws -> Response {
        let mode: ImportMode = try request.readQuery { fields in
            fields.optionalEnumeration("mode") ?? .dryRun
        }
        guard let bytes = ImportText.utf8(request.body) else { throw StartImport.Refusal.noText }
        let text = String(decoding: bytes, as: UTF8.self)
        return try request.json(
            .ok, try await imports.run(text, mode, for: request.principal.clinics, because: request.cause()))
    }
}
