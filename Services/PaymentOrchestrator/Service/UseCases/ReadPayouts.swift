import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

/// Asks an account's provider what it paid out, for the books (REC-3); the key stays here.
struct ReadPayouts: Sendable {
    let ask: AskProvider

    func run(
        _ id: ProviderAccountID, of organisation: OrganisationID, after place: String?, since day: LocalDate
    ) async throws -> [ProviderPayout] {
        let account = try await ask.store.database.read(organisation: organisation) { transaction in
            try ask.accounts.find(id, of: organisation, in: &transaction)
        }
        guard let account else { throw NotFound.account }
        let since = Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400)
        do {
            return try await ask.provider(account.provider).payouts(
                after: place, since: since, account.access(ask.sealer))
        } catch let unknown as OutcomeUnknown {
            throw PayoutsNotTold(reason: unknown.detail)
        }
    }
}

/// Why a provider's payouts cannot be told now.
struct PayoutsNotTold: Error, Hashable, Sendable {
    let reason: String
}
