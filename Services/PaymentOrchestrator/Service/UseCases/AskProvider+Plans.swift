import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders

/// What a provider says about plans, and the call that told it.
struct AskedPlans: Sendable {
    let verdicts: Result<[PlanOffer], ProviderRejection>
    /// `nil` where the contract says it and nobody was asked.
    let call: ExchangeLine?
}

// Which plans an amount may be paid by is asked before there is a payment: whoever asks keeps the call for its page.
extension AskProvider {
    /// What an account's provider says about plans.
    func plans(_ question: EligibilityQuestion, _ account: AccountRecord) async throws -> AskedPlans {
        let (adapter, access) = (try provider(account.provider), try access(to: account))
        let began = time.now()
        let answer: Offers?
        do throws(OutcomeUnknown) {
            answer = try await adapter.offers(for: question, access)
        } catch {
            answer = nil
        }
        let call = call("plans at \(account.provider.rawValue)", answer.word, since: began)
        return AskedPlans(verdicts: answer.verdicts, call: adapter.capabilities.asksAboutPlans ? call : nil)
    }
}

extension Offers? {
    fileprivate var verdicts: Result<[PlanOffer], ProviderRejection> {
        switch self {
        case .made(let offers)?: .success(offers)
        case .refused(let reason)?: .failure(.refused(reason))
        case .neverReached?, nil: .failure(.notReached)
        }
    }

    fileprivate var word: String {
        switch self {
        case .made(let offers)?: offers.eligible
        case .refused(let reason)?: "refused: \(reason)"
        case .neverReached?: "never reached"
        case nil: "unknown"
        }
    }
}

extension [PlanOffer] {
    /// Those that may be offered by the provider's word.
    fileprivate var eligible: String {
        let plans = filter { offer in
            if case .eligible = offer.verdict { true } else { false }
        }.map(\.plan.code)
        return "eligible: \(plans.isEmpty ? "none" : plans.joined(separator: ", "))"
    }
}
