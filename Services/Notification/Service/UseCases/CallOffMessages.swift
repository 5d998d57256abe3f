import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Calls off what has not left and is no longer wanted (NOT-3).
struct CallOffMessages {
    static let reason = "no longer wanted"
    let messages = MessageStore()
    let reminders = ReminderStore()
    let asked = AskedPaymentStore()

    /// A payment has ended: its link leads nowhere, whether it was to be sent now or on a day to come, and that it had
    /// ended in another way is not true any more.
    func run(about asking: AskedPayment, ended end: PaymentEnd, in change: inout Change) throws {
        // First: who plans a reminder just now has it locked, and what is planned by then is seen below.
        var ended = asking
        ended.ended = end
        asked.remember(ended, in: &change)
        let payment = ended.payment
        let (unsent, planned) = try change.read(
            messages.lockingUnsent(
                about: .payment(payment),
                [.paymentLink, .paymentReminder, .verificationCode, .paymentRefused, .paymentCancelled]),
            reminders.lockingPlanned(about: payment, .paymentReminder))
        try callOff(unsent, in: &change)
        for var record in planned {
            try record.reminder.callOff()
            record.reason = Self.reason
            try reminders.save(record, in: &change)
        }
    }

    /// Nothing is due of an invoice any more: nobody is asked to pay it, though its document is still sent.
    func run(about invoice: InvoiceID, in change: inout Change) throws {
        let asking: [Occasion] = [.depositRequest, .overdue, .invoiceLink]
        try callOff(try change.read(messages.lockingUnsent(about: .invoice(invoice), asking)), in: &change)
    }

    /// What there is of one occasion.
    func run(about matter: Matter, _ occasion: Occasion, in change: inout Change) throws {
        try callOff(try change.read(messages.lockingUnsent(about: matter, [occasion])), in: &change)
    }

    private func callOff(_ unsent: [MessageRecord], in change: inout Change) throws {
        try run(unsent, because: Self.reason, in: &change)
    }

    /// Those that have not left, locked.
    func run(_ unsent: [MessageRecord], because reason: String, in change: inout Change) throws {
        for record in unsent {
            switch record.message.state {
            // Perhaps the gateway did not take it, or will not; then this is the end of it.
            case .claimed, .uncertain: try messages.giveUp(record.message.id, in: &change)
            default: try messages.callOff(record, because: reason, in: &change)
            }
        }
    }
}
