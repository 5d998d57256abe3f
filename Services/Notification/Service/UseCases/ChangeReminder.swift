import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Moves a reminder, or calls it off, until it has left (NOT-3).
struct ChangeReminder {
    /// What a person does with it.
    enum Wish: Sendable {
        /// To a day and a time, and to these people of the directory besides the client; nil: as it is already.
        case move(LocalDate, LocalTime?, [ContactID]?)
        case callOff
    }

    let database: Database
    let time: TimeSource
    let asked = AskedPaymentStore()
    let reminders = ReminderStore()
    let others = CheckOtherRecipients()
    let walls = ClinicStore()

    /// `version` is the one the person saw; `access` is what the person acts for.
    func run(
        _ id: MessageID, of payment: PaymentID, _ wish: Wish, seen version: Int64, by access: ContactAccess,
        because cause: Cause
    ) async throws -> Applied<ReminderAnswer> {
        let now = time.now()
        return try await database.change(because: cause) { change in
            // Before the reminder, as who plans another or ends the payment does.
            let known = try asked.lock(payment, in: &change)
            guard var record = try reminders.lock(id, in: &change) else { throw NotFound.reminder }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            let moment: WallMoment
            switch wish {
            case .move(let day, let told, let contacts):
                let time = told ?? record.reminder.time
                try record.reminder.move(to: day, time)
                try reminders.requireAlone(record, in: &change)
                moment = try walls.moment(of: day, time, at: record.clinic, now: now, in: &change)
                try moment.requireToCome(at: now)
                if let contacts {
                    // Who left the directory since then hears nothing; only whoever is new must be there.
                    try others.run(contacts.filter { !record.contacts.contains($0) }, for: access, in: &change)
                    record.contacts = contacts
                }
                record.lateOn = max(record.lateOn, day.adding(days: PlanReminder.daysMax))
            case .callOff:
                let reminder = record.reminder
                moment = try walls.moment(of: reminder.day, reminder.time, at: record.clinic, now: now, in: &change)
                try record.reminder.callOff()
                record.reason = "called off by a person"
            }
            try reminders.save(record, in: &change)
            record.version += 1
            return ReminderAnswer(record, at: moment, linkEndsAt: known?.expiresAt)
        }
    }
}
