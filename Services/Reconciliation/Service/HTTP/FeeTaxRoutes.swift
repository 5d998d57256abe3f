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
            let taxes = try keep.taxes.taxes(in: organisation, &transaction)
            return Provider.allCases.flatMap { provider in taxes.words(of: provider).map(FeeTaxAnswer.init) }
        }
        return try .json(.ok, Page(items: found, next: nil))
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let word = try request.read { fields in
            FeeTaxes.Word(
                fields.enumeration("provider", as: Provider.self), from: fields.optionalLocalDate("from"),
                FeeTax(
                    fields.enumeration("treatment", as: FeeTax.Treatment.self),
                    rate: fields.basisPoints("rate", in: 0...10_000)))
        }
        return try .json(.ok, try await keep.run(word, because: request.cause()).answer)
    }
}

/// How the VAT on a provider's fees is owed, from a day on.
struct FeeTaxAnswer: Codable, Sendable {
    let provider: Provider
    let treatment: String
    /// In basis points.
    let rate: Int
    /// Nothing where it is so of any day.
    let from: LocalDate?

    init(_ word: FeeTaxes.Word) {
        (provider, from) = (word.provider, word.from)
        treatment = word.tax.treatment.rawValue
        rate = word.tax.rate.value
    }
}
