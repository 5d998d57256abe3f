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
        let account = try await record(of: id, organisation)
        let since = Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400)
        do {
            return try await ask.provider(account.provider).payouts(
                after: place, since: since, ask.access(to: account))
        } catch let unknown as OutcomeUnknown {
            throw PayoutsNotTold(reason: unknown.detail)
        }
    }

    /// How payouts that were made since a day stand now.
    func states(
        of id: ProviderAccountID, _ organisation: OrganisationID, since day: LocalDate
    ) async throws -> [ProviderPayout.Standing] {
        let account = try await record(of: id, organisation)
        do {
            return try await ask.provider(account.provider).payoutStates(
                since: Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400), ask.access(to: account))
        } catch let unknown as OutcomeUnknown {
            throw PayoutsNotTold(reason: unknown.detail)
        }
    }

    /// The provider's own file of one payout, which is passed on as it is and kept nowhere.
    func report(
        of payout: String, _ id: ProviderAccountID, of organisation: OrganisationID
    ) async throws -> [UInt8] {
        let account = try await record(of: id, organisation)
        do {
            switch try await ask.provider(account.provider).report(ofPayout: payout, ask.access(to: account)) {
            case .written(let file): return file
            case .beingWritten: throw PayoutReportMissing.beingWritten
            case .refused(let reason): throw PayoutReportMissing.refused(reason)
            }
        } catch let unknown as OutcomeUnknown {
            throw PayoutsNotTold(reason: unknown.detail)
        }
    }

    private func record(
        of id: ProviderAccountID, _ organisation: OrganisationID
    ) async throws -> AccountRecord {
        let account = try await ask.store.database.read(organisation: organisation) { transaction in
            try ask.accounts.find(id, of: organisation, in: &transaction)
        }
        guard let account else { throw NotFound.account }
        return account
    }
}

/// Why there is no file of a payout.
enum PayoutReportMissing: Error, Hashable, Sendable {
    case beingWritten
    case refused(String)
}

/// Why a provider's payouts cannot be told now.
struct PayoutsNotTold: Error, Hashable, Sendable {
    let reason: String
}
