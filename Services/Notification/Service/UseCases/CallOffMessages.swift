import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Calls off what has not left and is no longer wanted (NOT-3).
struct CallOffMessages {
    static let reason = "no longer wanted"
    let messages = MessageStore()
    let reminders = ReminderStore()

    /// A payment has ended: its link leads nowhere, whether it was to be sent now or on a day to come.
    func run(about payment: PaymentID, in change: inout Change) throws {
        for occasion in [Occasion.paymentLink, .paymentReminder, .verificationCode] {
            try run(about: payment, occasion, in: &change)
        }
        for var record in try reminders.lockPlanned(about: payment, .paymentReminder, in: &change) {
            try record.reminder.callOff()
            record.reason = Self.reason
            try reminders.save(record, in: &change)
        }
    }

    /// What there is of one occasion.
    func run(about payment: PaymentID, _ occasion: Occasion, in change: inout Change) throws {
        for var record in try messages.lockUnsent(about: payment, occasion, in: &change) {
            // Perhaps the gateway will not take it; then this is the end of it.
            guard record.message.state != .claimed else {
                try messages.giveUp(record.message.id, in: &change)
                continue
            }
            try record.message.callOff()
            try messages.save(record.message, reason: Self.reason, in: &change)
        }
    }
}
