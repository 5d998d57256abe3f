package import PaymentModel

/// What a provider says about paying an amount by one plan.
package struct PlanOffer: Hashable, Sendable {
    /// The provider's word on the plan.
    package enum Verdict: Hashable, Sendable {
        /// It may be offered, with what the client pays when and what each side bears.
        case eligible(schedule: [ScheduledInstalment], customerFee: Money, clinicFee: ProviderFee?)
        /// It may not, and why.
        case notEligible(Reason)
    }

    /// Why a plan cannot be offered.
    package enum Reason: Hashable, Sendable {
        case underMinimum(Money)
        case overMaximum(Money)
        case notInContract
        case notOfferedByClinic
        /// The client's fee would cost more than a credit may, and the clinic does not bear it.
        case feeAboveCeiling(Money)
        /// The provider does not answer now.
        case notReached
        /// The provider lets the clinic's account take no payments yet.
        case accountNotReady
        case other(Sentence)
    }

    /// The plan.
    package let plan: PaymentPlan
    /// The word on it.
    package let verdict: Verdict

    /// The same where the law allows the client's fee; a plan whose fee is too high may not be offered.
    package func within(_ usury: UsuryTable, on day: LocalDate) -> PlanOffer {
        guard case .eligible(let schedule, let fee, _) = verdict, fee.isPositive,
            let most = usury.feeMax(beside: schedule, on: day), fee.minorUnits > most.minorUnits
        else { return self }
        return PlanOffer(plan: plan, verdict: .notEligible(.feeAboveCeiling(most)))
    }

    /// One provider's word on one plan.
    package init(plan: PaymentPlan, verdict: Verdict) {
        self.plan = plan
        self.verdict = verdict
    }
}

/// The plans a clinic may offer when the provider agrees: PAY-3.
package enum OfferedPlans {
    /// Deferred by 15, 30 or 45 days; in 2, 3 or 4 times.
    package static let all: [PaymentPlan] =
        [15, 30, 45].map { PaymentPlan.deferred(days: $0) } + [2, 3, 4].map { PaymentPlan.inInstalments($0) }
}
