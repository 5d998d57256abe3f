/// One instalment of a client's schedule, as the provider told it.
package struct ScheduledInstalment: Hashable, Sendable, Codable {
    package let dueOn: LocalDate
    /// The client's part of the price.
    package let amount: Money
    /// What the client pays on top of it; providers put it on the first instalment.
    package let customerFee: Money

    package init(dueOn: LocalDate, amount: Money, customerFee: Money) {
        self.dueOn = dueOn
        self.amount = amount
        self.customerFee = customerFee
    }
}
