package import PaymentModel
package import PaymentOrchestratorDomain

/// Which plans an amount may be paid by.
package struct EligibilityQuestion: Hashable, Sendable {
    /// What is to be paid.
    package let amount: Money
    /// The plans asked about.
    package let plans: [PaymentPlan]
    /// The client's country, two letters.
    package let country: String
    /// Whether the clinic bears the client's fee.
    package let feeOffered: Bool
    /// The contract, for what the clinic bears.
    package let contract: ProviderContract?
    /// The VAT on provider fees.
    package let feeVATRate: BasisPoints
    /// How the client will be reached: a provider may have other plans for a clinic's own screen.
    package let channel: PaymentChannel

    /// A question about one amount.
    package init(
        amount: Money, plans: [PaymentPlan], country: String, feeOffered: Bool, contract: ProviderContract?,
        feeVATRate: BasisPoints, channel: PaymentChannel
    ) {
        self.amount = amount
        self.plans = plans
        self.country = country
        self.feeOffered = feeOffered
        self.contract = contract
        self.feeVATRate = feeVATRate
        self.channel = channel
    }
}

extension EligibilityQuestion {
    /// The verdicts of a provider that takes the whole amount at once, within its contract's bounds.
    func offersAtOnce(today: LocalDate) throws(OutcomeUnknown) -> [PlanOffer] {
        do {
            return try plans.map { PlanOffer(plan: $0, verdict: try verdictAtOnce($0, today)) }
        } catch {
            throw OutcomeUnknown("the fee of this amount cannot be computed")
        }
    }

    private func verdictAtOnce(_ plan: PaymentPlan, _ today: LocalDate) throws(MoneyError) -> PlanOffer.Verdict {
        guard plan == .now, let terms = contract?.terms(of: plan) else { return .notEligible(.notInContract) }
        if let reason = terms.refusal(of: amount) { return .notEligible(reason) }
        let all = ScheduledInstalment(dueOn: today, amount: amount, customerFee: .zero(amount.currency))
        let fee = try terms.expectedFee(on: amount, feeOffered: feeOffered, vatRate: feeVATRate)
        return .eligible(schedule: [all], customerFee: .zero(amount.currency), clinicFee: fee)
    }
}

/// The provider's answer about plans.
package enum Offers: Hashable, Sendable {
    /// Its word on each plan asked about.
    case made([PlanOffer])
    /// It answers nothing for this account, and why.
    case refused(String)
    /// It was not reached: ask again.
    case neverReached
}

/// What the provider needs to open a payment.
package struct StartOrder: Hashable, Sendable {
    /// The payment.
    package let terms: PaymentTerms
    /// Our name for this try, to find it again.
    package let attempt: AttemptID
    /// Who pays.
    package let client: ClientDetails
    /// What the client reads on the provider's page; never says what was done to an animal.
    package let title: String
    /// How long the provider's page may be used.
    package let lifetime: Duration
    /// Where the client comes back to, whatever happened.
    package let addresses: ReturnAddresses

    /// An order to open a payment.
    package init(
        terms: PaymentTerms, attempt: AttemptID, client: ClientDetails, title: String, lifetime: Duration,
        addresses: ReturnAddresses
    ) {
        self.terms = terms
        self.attempt = attempt
        self.client = client
        self.title = title
        self.lifetime = lifetime
        self.addresses = addresses
    }
}

/// Where the provider sends the client and its notifications.
package struct ReturnAddresses: Hashable, Sendable {
    /// After an acceptance.
    package let accepted: String
    /// After the client gave up.
    package let cancelled: String
    /// After a refusal.
    package let refused: String
    /// The provider's own notifications.
    package let notification: String

    /// The addresses of one payment.
    package init(accepted: String, cancelled: String, refused: String, notification: String) {
        self.accepted = accepted
        self.cancelled = cancelled
        self.refused = refused
        self.notification = notification
    }
}

/// What the provider needs to give money back.
package struct RefundOrder: Hashable, Sendable {
    /// Our name for the refund, carried as its merchant reference.
    package let id: RefundID
    /// The provider's payment.
    package let reference: String
    /// Its money's own name, where that is known longer than the payment.
    package let capture: String?
    /// What goes back.
    package let amount: Money

    /// An order to give money back.
    package init(id: RefundID, reference: String, capture: String? = nil, amount: Money) {
        self.id = id
        self.reference = reference
        self.capture = capture
        self.amount = amount
    }
}
