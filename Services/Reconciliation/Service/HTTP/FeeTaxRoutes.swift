import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// How the VAT on providers' fees is owed (REC-8).
struct FeeTaxRoutes {
    let database: Database
    let keep: KeepFeeTax

    var routes: [Route] {
        let path = "/v1/accounting/fee-taxes"
        return [
            Route(
                .get, path, operation: "listFeeTaxes",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list),
            Route(
                .put, path, operation: "putFeeTax",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), put),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try Provider.allCases.map { provider in
                FeeTaxAnswer(provider, try keep.taxes.tax(of: provider, in: organisation, &transaction))
            }
        }
        return try .json(.ok, Page(items: found, next: nil))
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let (provider, tax) = try request.read { fields in
            (
                fields.enumeration("provider", as: Provider.self),
                FeeTax(
                    fields.enumeration("treatment", as: FeeTax.Treatment.self),
                    rate: fields.basisPoints("rate", in: 0...10_000))
            )
        }
        return try .json(.ok, try await keep.run(tax, of: provider, because: request.cause()).answer)
    }
}

/// How the VAT on a provider's fees is owed.
struct FeeTaxAnswer: Codable, Sendable {
    let provider: Provider
    let treatment: String
    /// In basis points.
    let rate: Int

    init(_ provider: Provider, _ tax: FeeTax) {
        self.provider = provider
        treatment = tax.treatment.rawValue
        rate = tax.rate.value
    }
}
