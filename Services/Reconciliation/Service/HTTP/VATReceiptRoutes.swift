import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Payments by day and rate of VAT, as they are reported (REC-8).
struct VATReceiptRoutes {
    let database: Database
    let receipts = VATReceiptList()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/accounting/vat-receipts", operation: "listVATReceipts",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list)
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let period = try request.readQuery { fields in GridStore.Period(fields) }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try receipts.rows(of: organisation, period, &transaction)
        }
        return try .json(.ok, Page(items: found, next: nil))
    }
}
