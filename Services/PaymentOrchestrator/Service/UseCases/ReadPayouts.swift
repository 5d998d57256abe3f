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
        try await asking(id, of: organisation) { provider, access in
            try await provider.payouts(after: place, since: day.beginning, access)
        }
    }

    /// How payouts that were made since a day stand now.
    func states(
        of id: ProviderAccountID, _ organisation: OrganisationID, since day: LocalDate
    ) async throws -> [ProviderPayout.Standing] {
        try await asking(id, of: organisation) { provider, access in
            try await provider.payoutStates(since: day.beginning, access)
        }
    }

    /// The provider's own file of one payout, which is passed on as it is and kept nowhere.
    func report(
        of payout: String, _ id: ProviderAccountID, of organisation: OrganisationID
    ) async throws -> [UInt8] {
        try await asking(id, of: organisation) { provider, access in
            switch try await provider.report(ofPayout: payout, access) {
            case .written(let file): return file
            case .beingWritten: throw PayoutReportMissing.beingWritten
            case .refused(let reason): throw PayoutReportMissing.refused(reason)
            }
        }
    }

    /// Asks the provider of an account, who may not be reached or not say it.
    private func asking<Answer: Sendable>(
        _ id: ProviderAccountID, of organisation: OrganisationID,
        _ question: @Sendable (any PaymentProvider, AccountAccess) async throws -> Answer
    ) async throws -> Answer {
        let account = try await record(of: id, organisation)
        do {
            return try await question(ask.provider(account.provider), ask.access(to: account))
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

extension LocalDate {
    /// When the day begins by universal time.
    fileprivate var beginning: Instant { Instant(secondsSince1970: Int64(daysSince1970) * 86_400) }
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
