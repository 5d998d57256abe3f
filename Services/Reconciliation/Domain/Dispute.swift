package import PaymentModel

/// A payment a client disputes at its provider, from the events of the payment.
package struct Dispute: Hashable, Sendable {
    /// For whom it ended, seen from the clinic.
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case lost, won
    }

    /// How it ended.
    package struct End: Hashable, Sendable {
        package let outcome: Outcome
        package let on: LocalDate
        /// What the provider took of a lost one, which may be a part of what was disputed; nothing of one that was won.
        package let taken: Money

        package init(_ outcome: Outcome, on: LocalDate, taken: Money) {
            self.outcome = outcome
            self.on = on
            self.taken = taken
        }
    }

    /// The provider's name for it.
    package let reference: String
    package let payment: PaymentID
    package let amount: Money
    package let openedOn: LocalDate
    /// Nil while nobody has decided.
    package let end: End?

    package init(reference: String, payment: PaymentID, amount: Money, openedOn: LocalDate, end: End? = nil) {
        self.reference = reference
        self.payment = payment
        self.amount = amount
        self.openedOn = openedOn
        self.end = end
    }
}
