import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says how the VAT on a provider's fees is owed, from a day on or of any day; what was booked stays (REC-8).
struct KeepFeeTax {
    let database: Database
    let ids: IdentifierSource
    let taxes = FeeTaxStore()

    func run(_ word: FeeTaxes.Word, because cause: Cause) async throws -> Applied<FeeTaxAnswer> {
        try await database.change(because: cause) { change in
            try taxes.put(word, as: ids.next(), in: &change)
            return FeeTaxAnswer(word)
        }
    }
}
