import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

/// Asks a provider live which plans an amount may be paid by, with schedules and fees; for the rest, why not (PAY-3).
struct OfferPlans: Sendable {
    /// What is asked.
    struct Question: Sendable {
        let clinic: ClinicID
        let provider: Provider
        let amount: Money
        let feeOffered: Bool
        let country: String
    }

    let ask: AskProvider

    func run(_ question: Question, of organisation: OrganisationID) async throws -> [PlanOffer] {
        let account = try await ask.store.database.read(organisation: organisation) { transaction in
            try ask.accounts.find(of: question.clinic, organisation, at: question.provider, in: &transaction)
        }
        guard let account else { throw RequestPayment.Rejection.noAccount(question.provider) }
        let plans = try ask.provider(question.provider).capabilities.plans
        let asked = EligibilityQuestion(
            amount: question.amount, plans: plans.filter(account.settings.offeredPlans.contains),
            country: question.country, feeOffered: question.feeOffered, contract: account.contract,
            feeVATRate: account.settings.feeVATRate)
        let offers = try await ask.offers(asked, account)
        let rest = plans.filter { !asked.plans.contains($0) }.map {
            PlanOffer(plan: $0, verdict: .notEligible(.notOfferedByClinic))
        }
        return offers + rest
    }
}
