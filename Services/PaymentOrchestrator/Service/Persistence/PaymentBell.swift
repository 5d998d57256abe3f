import PaymentModel
import TransactionalMessaging

/// Tells live screens that a payment changed.
struct PaymentBell: Sendable {
    /// The channel; payment ids are unique, so that several schemas may share it.
    static let channel = "quittance_payment_changed"
    private let bell = CommitBell(Self.channel)

    func ring(for payment: PaymentID, from database: Database, after change: inout Change) {
        bell.ring(for: payment.description, from: database, after: &change)
    }
}
