/// Who announces an event: each event has one owner, each owner one topic.
package enum EventOwner: String, CaseIterable, Sendable {
    case invoicing, payments, notifications, reconciliation
    /// Work for the notification workers; not a fact for others.
    case dispatch

    package var topic: Topic {
        switch self {
        case .invoicing: .invoicing
        case .payments: .payments
        case .notifications: .notifications
        case .reconciliation: .reconciliation
        case .dispatch: .notificationDispatch
        }
    }

    /// The CloudEvents source of its events.
    package var source: String { "/quittance/\(rawValue)" }
}
