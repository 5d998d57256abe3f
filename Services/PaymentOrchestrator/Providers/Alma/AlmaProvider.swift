import HTTPClient
import Observability
import PaymentModel
package import PaymentOrchestratorDomain

/// Alma, as its API is documented: hosted payments in instalments or deferred.
///
/// Alma has no idempotency key. A creation carries the attempt's id in `custom_data`, and a lost answer is searched for
/// among the newest payments before anything is created again.
package struct AlmaProvider: PaymentProvider {
    let settings: AlmaSettings
    let transport: ProviderTransport

    /// Alma behind a transport.
    package init(_ settings: AlmaSettings, transport: ProviderTransport) {
        self.settings = settings
        self.transport = transport
    }

    /// What Alma can do, contract aside.
    package var capabilities: ProviderCapabilities {
        ProviderCapabilities(
            plans: OfferedPlans.all, currencies: [.eur], pageLifetimeMax: .seconds(525_600 * 60),
            repetition: .opensTwice, waitsForOurWord: false, findsAttempts: true, asksAboutPlans: true)
    }

    package func check(_ account: AccountAccess) async throws(OutcomeUnknown) -> AccountCheck {
        switch try await call(.account, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered(let body):
            let merchant: AlmaResponse.Account = try decoded(body)
            return .connected(
                ProviderContract(
                    merchant: merchant.id, canCreatePayments: merchant.can_create_payments ?? true,
                    plans: (merchant.fee_plans ?? []).compactMap(\.terms)))
        }
    }

    package func offers(
        for question: EligibilityQuestion, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> Offers {
        guard question.amount.currency == .eur else { return .refused("Alma takes euros only") }
        let origin = settings.origin(of: question.channel)
        switch try await call(try request { try .eligibility(question, origin: origin) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered(let body):
            let entries: [AlmaResponse.Eligibility] = try decoded(body)
            return .made(
                try question.plans.map { plan throws(OutcomeUnknown) in try offer(plan, question, entries, account) })
        }
    }

    package func start(_ order: StartOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> StartOutcome {
        guard order.terms.amount.currency == .eur else { return .refused("Alma takes euros only") }
        let origin = settings.origin(of: order.terms.channel)
        switch try await call(try request { try .create(order, origin: origin) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body):
            let payment: AlmaResponse.Payment = try decoded(body)
            guard payment.custom_data?.quittance_attempt.map({ AttemptID($0) == order.attempt }) ?? true else {
                throw OutcomeUnknown("Alma answered about another payment")
            }
            guard payment.purchase_amount.amount == order.terms.amount else {
                throw OutcomeUnknown("Alma opened a payment about another amount")
            }
            guard let url = payment.url else { throw OutcomeUnknown("Alma opened a payment without an address") }
            return .opened(reference: payment.id, payURL: url)
        }
    }

    package func report(
        on reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        try await payment(reference, account)?.report(account.localDate)
    }

    /// Reads a payment; `nil` when Alma itself says that it has none of that name.
    func payment(_ reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> AlmaResponse.Payment? {
        guard ProviderReference.isSafe(reference) else { return nil }
        switch try await call(.payment(reference), account) {
        case .neverReached: throw OutcomeUnknown("Alma was not reached")
        case .refused(let refusal):
            guard refusal.status == 404 else { throw OutcomeUnknown("Alma answered \(refusal.reason)") }
            return nil
        case .answered(let body):
            let payment: AlmaResponse.Payment = try decoded(body)
            guard payment.id == reference else { throw OutcomeUnknown("Alma answered about another payment") }
            return payment
        }
    }

    package func cancel(_ reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> CancelOutcome {
        guard ProviderReference.isSafe(reference) else { return .refused("not a payment of Alma's") }
        switch try await call(.cancel(reference), account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered: return .cancelled
        }
    }

    package func verify(
        _ notification: ProviderNotification, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> NotificationVerdict {
        guard let reference = notification.query["pid"], ProviderReference.isSafe(reference),
            let signature = notification.headers[AlmaWebhook.header],
            AlmaWebhook.isGenuine(signature, of: reference, key: account.key)
        else { return .forged }
        return .genuine(reference: reference)
    }
}

// MARK: Answers

extension AlmaProvider {
    private func offer(
        _ plan: PaymentPlan, _ question: EligibilityQuestion, _ entries: [AlmaResponse.Eligibility],
        _ account: AccountAccess
    ) throws(OutcomeUnknown) -> PlanOffer {
        guard let entry = entries.first(where: { $0.plan == plan }) else {
            return PlanOffer(plan: plan, verdict: .notEligible(.notInContract))
        }
        guard entry.addsUp(to: question.amount) else {
            throw OutcomeUnknown("Alma answered sums that do not add up, or about another amount")
        }
        do {
            return PlanOffer(plan: plan, verdict: try entry.verdict(for: question, plan: plan, account.localDate))
        } catch {
            throw OutcomeUnknown("Alma answered sums that do not add up")
        }
    }
}
