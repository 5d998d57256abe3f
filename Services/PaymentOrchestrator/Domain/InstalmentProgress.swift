package import PaymentModel

/// One instalment of the client's and how far it came, PAY-9.
package struct InstalmentProgress: Hashable, Sendable, Codable {
    /// How far it came.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Its day is to come, or its payment is under way.
        case due
        /// The client paid it.
        case paid
        /// The provider did not get it on its day; the clinic is paid all the same.
        case late
    }

    /// Its day.
    package let dueOn: LocalDate
    /// The client's part of the price.
    package let amount: Money
    /// What the client pays on top.
    package let customerFee: Money
    /// How far it came.
    package internal(set) var state: State
    /// The day it was paid.
    package internal(set) var paidOn: LocalDate?

    /// An instalment as the provider tells it.
    package init(dueOn: LocalDate, amount: Money, customerFee: Money, state: State, paidOn: LocalDate?) {
        self.dueOn = dueOn
        self.amount = amount
        self.customerFee = customerFee
        self.state = state
        self.paidOn = paidOn
    }
}

/// An instalment with its place in the schedule.
package struct NumberedInstalment: Hashable, Sendable {
    /// From 1.
    package let number: Int
    /// How many there are.
    package let count: Int
    /// The instalment.
    package let instalment: InstalmentProgress
}
