import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// Asks providers live which plans an amount may be paid by, with schedules and fees; for the rest, why not (PAY-3).
struct OfferPlans: Sendable {
    /// What is asked.
    struct Question: Sendable {
        let clinic: ClinicID
        /// `nil`: every provider the clinic has an account at.
        let provider: Provider?
        let amount: Money
        /// Whether the clinic bears the client's fee; `nil`: as it chose for each plan.
        let feeOffered: Bool?
        let country: String
        let channel: PaymentChannel
        /// What is to be paid, where who asks knows it: the calls are on the page of the sale that comes of it.
        let debt: Debt?
    }

    /// One plan at one provider.
    struct Offered: Sendable {
        let provider: Provider
        let offer: PlanOffer
        /// Whether the clinic bears the client's fee in this offer.
        let feeOffered: Bool
        /// What the clinic bears if it takes over the client's fee; `nil` where there is none to take over (PAY-4).
        let clinicFeeIfOffered: ProviderFee?
    }

    let ask: AskProvider
    let readMethods: ReadMethods
    let usury: UsuryTable
    let time: TimeSource

    func run(_ question: Question, of organisation: OrganisationID) async throws -> [Offered] {
        let accounts = try await ask.store.database.read(organisation: organisation) { transaction in
            try ask.accounts.all(of: organisation, in: &transaction)
        }.filter { $0.clinic == question.clinic && $0.retiredAt == nil }
        let asked = accounts.filter { question.provider == nil || $0.provider == question.provider }
        guard !asked.isEmpty else { throw RequestPayment.Rejection.noAccount(question.provider ?? .alma) }
        let refusals = try await readMethods.refusals(in: organisation)
        return try await withThrowingTaskGroup(of: (Int, [Offered]).self) { group in
            for (place, account) in asked.enumerated() {
                group.addTask {
                    if let refusal = refusals[account.provider] {
                        return (place, try none(of: question, account, because: refusal))
                    }
                    return (place, try await offers(question, account, isOnly: asked.count == 1))
                }
            }
            let answers = try await group.reduce(into: [(Int, [Offered])]()) { $0.append($1) }
            return answers.sorted { $0.0 < $1.0 }.flatMap { $0.1 }
        }
    }

    private func offers(_ question: Question, _ account: AccountRecord, isOnly: Bool) async throws -> [Offered] {
        if isOnly { try ask.requireCurrency(of: question.amount, at: account.provider) }
        let plans = try ask.provider(account.provider).capabilities.plans
        let offered = plans.filter(account.settings.offeredPlans.contains)
        let isReady = account.contract.canCreatePayments
        var offers = isReady ? [] : offered.map { PlanOffer(plan: $0, verdict: .notEligible(.accountNotReady)) }
        do {
            for isOffered in [false, true] where isReady {
                let those = offered.filter { account.offersFee(of: $0, wish: question.feeOffered) == isOffered }
                guard !those.isEmpty else { continue }
                let asked = try await ask.plans(eligibility(question, those, isOffered, account), account)
                await keep(asked.call, question, account)
                offers += try asked.verdicts.get()
            }
        } catch ProviderRejection.notReached where !isOnly {
            // Beside others, one that does not answer is no reason to offer nothing.
            offers = offered.map { PlanOffer(plan: $0, verdict: .notEligible(.notReached)) }
        } catch ProviderRejection.refused(let reason) where !isOnly {
            // Nor is one that takes no such currency, or the key no longer.
            offers = offered.map {
                PlanOffer(plan: $0, verdict: .notEligible(.other("The provider refused: \(reason).")))
            }
        }
        let rest = plans.filter { !offered.contains($0) }.map { plan in
            let isInContract = account.contract.terms(of: plan) != nil
            return PlanOffer(
                plan: plan, verdict: .notEligible(isInContract ? .notOfferedByClinic : .notInContract))
        }
        let today = ask.calendar(of: account).date(of: time.now())
        return try (offers.map { $0.within(usury, on: today) } + rest).map { try shown($0, question, account) }
    }

    /// A page that has one call less is no reason to offer nothing.
    private func keep(_ call: ExchangeLine?, _ question: Question, _ account: AccountRecord) async {
        guard let call, let debt = question.debt else { return }
        let store = ask.store
        let keeping = store.exchanges.keeping(call, about: debt, at: question.clinic, of: account.organisation)
        do {
            try await store.database.maintain(organisation: account.organisation) { transaction in
                transaction.executeLater(keeping)
                transaction.commitAheadOfDisk()
            }
        } catch {
            store.logger.warning(
                "what a provider said of plans is not kept for the page of its sale",
                metadata: [
                    LogField.organisationID: "\(account.organisation)", LogField.clinicID: "\(account.clinic)",
                    LogField.operation: "\(call.operation)", LogField.reason: .string(Secret.redacting("\(error)")),
                ])
        }
    }

    /// The provider is not asked about what the organisation does not use.
    private func none(
        of question: Question, _ account: AccountRecord, because refusal: ReadMethods.Refusal
    ) throws -> [Offered] {
        try ask.provider(account.provider).capabilities.plans.map { plan in
            try shown(PlanOffer(plan: plan, verdict: .notEligible(.other(refusal.words))), question, account)
        }
    }

    private func eligibility(
        _ question: Question, _ plans: [PaymentPlan], _ feeOffered: Bool, _ account: AccountRecord
    ) -> EligibilityQuestion {
        EligibilityQuestion(
            amount: question.amount, plans: plans, country: question.country, feeOffered: feeOffered,
            contract: account.contract, feeVATRate: account.settings.feeVATRate, channel: question.channel)
    }

    private func shown(_ offer: PlanOffer, _ question: Question, _ account: AccountRecord) throws -> Offered {
        let terms = account.contract.terms(of: offer.plan)
        let couldOffer = account.hasFeeToOffer(of: offer.plan)
        return Offered(
            provider: account.provider, offer: offer,
            feeOffered: account.offersFee(of: offer.plan, wish: question.feeOffered),
            clinicFeeIfOffered: couldOffer
                ? try terms?.expectedFee(
                    on: question.amount, feeOffered: true, vatRate: account.settings.feeVATRate) : nil)
    }
}

extension AccountRecord {
    /// Whether the client of this plan has a fee that the clinic could take over.
    func hasFeeToOffer(of plan: PaymentPlan) -> Bool { (contract.terms(of: plan)?.customerRate.value ?? 0) > 0 }

    /// Whether the clinic bears the client's fee: by the wish of who asks, or as the clinic chose for the plan.
    func offersFee(of plan: PaymentPlan, wish: Bool?) -> Bool {
        hasFeeToOffer(of: plan) && (wish ?? settings.freePlans.contains(plan))
    }
}
