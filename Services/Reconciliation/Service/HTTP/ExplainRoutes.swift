import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Where every cent of an invoice or a payout is (REC-5).
struct ExplainRoutes {
    let database: Database
    let trails: TrailStore

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        return [
            Route(
                .get, "/v1/explain/invoices/{invoiceID}", operation: "explainInvoiceTrail", access: access, invoice),
            Route(.get, "/v1/explain/payouts/{payoutID}", operation: "explainPayoutTrail", access: access, payout),
        ]
    }

    @Sendable private func invoice(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let page = try request.readQuery { fields in fields.page(by: ExpectationPlace.self) }
        let organisation = try request.organisation
        var trail = try await database.read(organisation: organisation) { transaction in
            try trails.invoice(
                id, of: organisation, after: page.last ?? .beginning, limit: page.rows, &transaction)
        }
        let payments = page.cut(trail.payments)
        (trail.payments, trail.next) = (payments.items, payments.next)
        return try request.json(.ok, trail)
    }

    @Sendable private func payout(_ request: Request) async throws -> Response {
        let id: PayoutID = try request.path("payoutID")
        let page = try request.readQuery { fields in fields.page(by: ExpectationPlace.self) }
        let organisation = try request.organisation
        var trail = try await database.read(organisation: organisation) { transaction in
            try trails.payout(
                id, of: organisation, after: page.last ?? .beginning, limit: page.rows, &transaction)
        }
        let payments = page.cut(trail.payments)
        (trail.payments, trail.next) = (payments.items, payments.next)
        return try request.json(.ok, trail)
    }
}

extension PageRequest<ExpectationPlace> {
    fileprivate func cut(_ payments: [PaymentTrailAnswer]) -> Page<PaymentTrailAnswer> {
        Page(payments, of: self) { Cursor([$0.acceptedOn.description, $0.paymentID.description]) }
    }
}
