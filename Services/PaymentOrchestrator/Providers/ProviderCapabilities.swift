package import PaymentModel

/// What a provider can do, as data.
package struct ProviderCapabilities: Hashable, Sendable {
    /// What becomes of two requests to open a payment for the same attempt.
    package enum Repetition: Hashable, Sendable {
        /// One object: the provider knows the attempt's name again.
        case opensOnce
        /// Two objects: look for the first before asking again.
        case opensTwice
    }

    /// The plans it knows.
    package let plans: [PaymentPlan]
    /// The currencies it takes; `nil` when the clinic's contract decides.
    package let currencies: [Currency]?
    /// How long the page lives at most where the client pays; a link may live longer, a new page is opened then.
    package let pageLifetimeMax: Duration
    /// Whether opening a payment twice is safe.
    package let repetition: Repetition
    /// Whether it waits for our word before it takes what the client agreed to.
    package let waitsForOurWord: Bool
    /// Whether it says what became of a try whose answer nobody has.
    package let findsAttempts: Bool
    /// Whether it is asked which plans an amount may be paid by; of the others the contract says it.
    package let asksAboutPlans: Bool

    /// What one provider can do.
    package init(
        plans: [PaymentPlan], currencies: [Currency]?, pageLifetimeMax: Duration, repetition: Repetition,
        waitsForOurWord: Bool, findsAttempts: Bool, asksAboutPlans: Bool
    ) {
        self.plans = plans
        self.currencies = currencies
        self.pageLifetimeMax = pageLifetimeMax
        self.repetition = repetition
        self.waitsForOurWord = waitsForOurWord
        self.findsAttempts = findsAttempts
        self.asksAboutPlans = asksAboutPlans
    }
}
