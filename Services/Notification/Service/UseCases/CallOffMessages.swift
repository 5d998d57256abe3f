import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Calls off what has not left and is no longer wanted (NOT-3).
struct CallOffMessages {
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
        try run(unsent, in: &change)
        for var record in planned {
            try record.reminder.callOff()
            record.reason = CallOffReason.unwanted.note
            try reminders.save(record, in: &change)
        }
    }

    /// Nothing is due of an invoice any more: nobody is asked to pay it, though its document is still sent.
    func run(about invoice: InvoiceID, in change: inout Change) throws {
        let asking: [Occasion] = [.depositRequest, .overdue, .invoiceLink]
        try run(try change.read(messages.lockingUnsent(about: .invoice(invoice), asking)), in: &change)
    }

    /// What there is of one occasion.
    func run(about matter: Matter, _ occasion: Occasion, in change: inout Change) throws {
        try run(try change.read(messages.lockingUnsent(about: matter, [occasion])), in: &change)
    }

    /// Those that have not left, locked.
    func run(_ unsent: [MessageRecord], because reason: CallOffReason = .unwanted, in change: inout Change) throws {
        for record in unsent {
            switch record.message.state {
            // Perhaps the gateway did not take it, or will not; then this is the end of it.
            case .claimed, .uncertain: try messages.giveUp(record.message.id, in: &change)
            case .requested, .ready, .sent, .delivered, .failed, .calledOff:
                try change.callOff(record, because: reason)
            }
        }
    }
}

// But for a campaign's many nothing else calls messages off, so that whoever saw one asked for hears of its end, once.
extension Change {
    /// Calls off what nobody wants any more and tells so.
    mutating func callOff(_ record: MessageRecord, because reason: CallOffReason) throws {
        try callOff(record, noting: reason.note)
        announceCallOff(of: record, because: reason)
    }

    /// Calls off what its client should have got and does not, and tells that.
    mutating func callOff(_ record: MessageRecord, asFailed reason: String) throws {
        try callOff(record, noting: reason)
        announceFailure(of: record, reason)
    }

    private mutating func callOff(_ record: MessageRecord, noting note: String) throws {
        var message = record.message
        try message.callOff()
        try MessageStore().save(message, reason: note, in: &self)
    }
}
