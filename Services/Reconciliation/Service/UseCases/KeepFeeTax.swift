import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says how the VAT on a provider's fees is owed from now on; what was booked stays (REC-8).
struct KeepFeeTax {
    let database: Database
    let ids: IdentifierSource
    let taxes = FeeTaxStore()

    func run(_ tax: FeeTax, of provider: Provider, because cause: Cause) async throws -> Applied<FeeTaxAnswer> {
        try await database.change(because: cause) { change in
            try taxes.put(tax, of: provider, as: ids.next(), in: &change)
            return FeeTaxAnswer(provider, tax)
        }
    }
}
