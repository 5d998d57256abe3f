package import Observability
package import PaymentModel
package import PaymentOrchestratorDomain

/// What it takes to speak for a clinic at a provider.
package struct AccountAccess: Sendable {
    /// Our name for the account; concurrency is limited by it.
    package let id: ProviderAccountID
    /// What the clinic was given; never printed, logged or answered.
    package let credentials: ProviderCredentials
    /// When it is too late for a call to leave; `nil` when it never is.
    package private(set) var leavesBefore: Instant?
    /// The clinic's day at an instant: providers tell instants, and instalments and payouts fall on days.
    package private(set) var localDate: @Sendable (Instant) -> LocalDate = \.utcDate

    /// Access to one account.
    package init(id: ProviderAccountID, credentials: ProviderCredentials) {
        self.id = id
        self.credentials = credentials
    }

    /// Access to one account that has a key and nothing else.
    package init(id: ProviderAccountID, key: Secret) {
        self.init(id: id, credentials: ProviderCredentials(key: key))
    }

    /// The provider's key.
    package var key: Secret { credentials.key }

    /// The same for one call whose intent is leased: a call that would leave later MUST NOT leave at all.
    package func leaving(before deadline: Instant) -> AccountAccess {
        var access = self
        access.leavesBefore = deadline
        return access
    }
}

extension AccountAccess {
    /// The same where days are a clinic's.
    package func dated(_ localDate: @escaping @Sendable (Instant) -> LocalDate) -> AccountAccess {
        var access = self
        access.localDate = localDate
        return access
    }
}

/// What a provider says when a key is tried.
package enum AccountCheck: Hashable, Sendable {
    /// The key works; the contract allows these plans.
    case connected(ProviderContract)
    /// The provider does not accept it, and why.
    case refused(String)
    /// The provider was not reached: try again.
    case neverReached
}

/// What a clinic agreed with a provider.
package struct ProviderContract: Hashable, Sendable, Codable {
    /// The provider's name for the clinic.
    package let merchant: String
    /// Whether payments can be made already.
    package let canCreatePayments: Bool
    /// The terms of each plan.
    package let plans: [PlanTerms]

    /// A contract as the provider states it.
    package init(merchant: String, canCreatePayments: Bool, plans: [PlanTerms]) {
        self.merchant = merchant
        self.canCreatePayments = canCreatePayments
        self.plans = plans
    }

    /// The terms of one plan, if it is in the contract.
    package func terms(of plan: PaymentPlan) -> PlanTerms? { plans.first { $0.plan == plan } }
}

/// The terms of one plan in a contract.
package struct PlanTerms: Hashable, Sendable, Codable {
    /// The plan.
    package let plan: PaymentPlan
    /// The smallest amount.
    package let minimum: Money
    /// The largest amount.
    package let maximum: Money
    /// What the clinic pays, as a share of the amount.
    package let clinicRate: BasisPoints
    /// What the clinic pays on top.
    package let clinicFixed: Money
    /// What the client pays, as a share of the amount; the clinic bears it when the fee is offered.
    package let customerRate: BasisPoints

    /// Terms as the provider states them.
    package init(
        plan: PaymentPlan, minimum: Money, maximum: Money, clinicRate: BasisPoints, clinicFixed: Money,
        customerRate: BasisPoints
    ) {
        self.plan = plan
        self.minimum = minimum
        self.maximum = maximum
        self.clinicRate = clinicRate
        self.clinicFixed = clinicFixed
        self.customerRate = customerRate
    }

    /// Why an amount is outside these terms; nil when it is within.
    package func refusal(of amount: Money) -> PlanOffer.Reason? {
        if amount.currency != minimum.currency { return .other("another currency") }
        if amount.minorUnits < minimum.minorUnits { return .underMinimum(minimum) }
        return amount.minorUnits > maximum.minorUnits ? .overMaximum(maximum) : nil
    }

    /// What the clinic is expected to bear on an amount; the provider's own figure rules once it is known.
    package func expectedFee(
        on amount: Money, feeOffered: Bool, vatRate: BasisPoints
    ) throws(MoneyError) -> ProviderFee {
        let (sum, overflow) = clinicRate.value.addingReportingOverflow(feeOffered ? customerRate.value : 0)
        guard !overflow else { throw .overflow }
        let rate = BasisPoints(sum)
        return try ProviderFee(on: amount, rate: rate, fixed: clinicFixed, vatRate: vatRate)
    }
}
