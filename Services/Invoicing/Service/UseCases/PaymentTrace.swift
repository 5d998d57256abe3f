import InvoicingDomain
import PaymentModel

/// What the audit trail tells of a payment on account whose provider moved its money (GEN-6).
struct PaymentTrace: Codable, Sendable {
    let amount: Money
    let allocations: [PaymentAnswer.Part]
    let unallocated: Money
    let refunded: Money
    let chargedBack: Money
    let archived: PaymentAnswer.Archived?

    init(_ payment: PaymentOnAccount) {
        amount = payment.amount
        allocations = payment.allocations.map(PaymentAnswer.Part.init)
        unallocated = payment.unallocated
        refunded = payment.refunded
        chargedBack = payment.chargedBack
        archived = payment.archived.map {
            PaymentAnswer.Archived(amount: $0.amount, on: $0.on, reason: $0.reason)
        }
    }
}
