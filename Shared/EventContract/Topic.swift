/// A Kafka topic of the contract.
package enum Topic: String, CaseIterable, Sendable {
    case invoicing = "quittance.invoicing"
    case payments = "quittance.payments"
    case notifications = "quittance.notifications"
    case reconciliation = "quittance.reconciliation"
    case notificationDispatch = "quittance.notification.dispatch"

    /// How many partitions it has unless the operator says otherwise.
    package static let partitionsDefault = 12

    /// How long its records are kept; nil is for ever.
    package var retention: Duration? {
        switch self {
        case .invoicing, .payments, .notifications, .reconciliation: nil
        case .notificationDispatch: .seconds(7 * 86_400)
        }
    }

    /// Where a consumer group parks what it could not handle.
    package static func deadLetters(ofGroup group: String) -> String { "\(group).dead-letter" }
}
