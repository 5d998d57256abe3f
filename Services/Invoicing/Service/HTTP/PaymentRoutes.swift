import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Payments on account and what they were counted for (INV-9).
struct PaymentRoutes {
    let database: Database
    let payments = PaymentOnAccountStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        return [
            Route(
                .get, "/v1/payments-on-account", operation: "listPaymentsOnAccount", access: reading, list),
            Route(
                .get, "/v1/payments-on-account/{paymentOnAccountID}", operation: "getPaymentOnAccount",
                access: reading, get),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: PaymentOnAccountID.self) }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            try payments.list(of: organisation, at: clinics, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map(PaymentAnswer.init), of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try payments.find(id, of: principal.organisation, in: &transaction)
        }
        guard let found, principal.clinics.includes(found.clinic) else { throw NotFound.paymentOnAccount(id) }
        return try .json(.ok, PaymentAnswer(found))
    }
}
