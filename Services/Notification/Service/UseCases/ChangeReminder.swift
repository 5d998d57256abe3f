import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Moves a reminder, or calls it off, until it has left (NOT-3).
struct ChangeReminder {
    /// What a person does with it.
    enum Wish: Sendable {
        case move(LocalDate, LocalTime)
        case callOff
    }

    let database: Database
    let reminders = ReminderStore()

    /// `version` is the one the person saw.
    func run(
        _ id: MessageID, _ wish: Wish, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ReminderAnswer> {
        try await database.change(because: cause) { change in
            guard var record = try reminders.lock(id, in: &change) else { throw NotFound.reminder }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            switch wish {
            case .move(let day, let time):
                try record.reminder.move(to: day, time)
                record.lateOn = max(record.lateOn, day.adding(days: PlanReminder.daysMax))
            case .callOff:
                try record.reminder.callOff()
                record.reason = "called off by a person"
            }
            try reminders.save(record, in: &change)
            record.version += 1
            return ReminderAnswer(record)
        }
    }
}
