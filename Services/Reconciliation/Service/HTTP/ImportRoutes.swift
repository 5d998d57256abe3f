import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes in files of providers and banks; a file with anything wrong in it brings nothing.
struct ImportRoutes {
    let settlements: ImportSettlement
    let statements: ImportStatement
    let reading: BlockingWork
    /// Bytes of one file.
    static let fileBytesMax = 50 << 20

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant, .service], scope: "reconciliation:write")
        return [
            Route(
                .post, "/v1/settlement-reports", operation: "importSettlementReport", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, timeMax: .seconds(300), importReport),
            Route(
                .post, "/v1/bank-statements", operation: "importBankStatement", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, timeMax: .seconds(300), importStatement),
        ]
    }

    @Sendable private func importReport(_ request: Request) async throws -> Response {
        let provider: Provider = try request.readQuery { fields in
            let provider: Provider = fields.enumeration("provider")
            if provider != .alma {
                fields.refuse(
                    "provider", reason: "Reports of \(provider.rawValue) are not read yet.", remedy: "Give alma.")
            }
            return provider
        }
        let text = try request.text()
        let report = try await reading.run { try AlmaSettlementReport.read(text) }
        return try .json(
            .created, try await settlements.run(report, of: provider, because: request.cause()).answer)
    }

    @Sendable private func importStatement(_ request: Request) async throws -> Response {
        let file = request.body
        let read = try await reading.run { try CAMT053.read(file) }
        return try .json(.created, try await statements.run(read, because: request.cause()).answer)
    }
}
