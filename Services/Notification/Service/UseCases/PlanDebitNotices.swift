import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Plans that the client is told of each debit two days before, and follows the schedule when it changes (NOT-4).
struct PlanDebitNotices {
    static let reason = "the schedule has changed"
    let ids: IdentifierSource
    let reminders = ReminderStore()

    /// A payment's schedule as it is known on a day.
    struct Schedule: Sendable {
        let payment: PaymentID
        let client: ClientID
        let clinic: ClinicID?
        let instalments: [ScheduledInstalment]
        let knownOn: LocalDate
    }

    func run(_ schedule: Schedule, in change: inout Change) throws {
        let wanted = Set(
            schedule.instalments.filter { $0.amount.isPositive || $0.customerFee.isPositive }.map {
                Self.key(schedule.payment, $0.dueOn)
            })
        for var record in try change.read(reminders.lockingPlanned(about: schedule.payment, .debitNotice))
        where !wanted.contains(record.dedupKey) {
            try record.reminder.callOff()
            record.reason = Self.reason
            try reminders.save(record, in: &change)
        }
        for notice in DebitNotice.all(of: schedule.instalments, knownOn: schedule.knownOn) {
            try reminders.plan(try record(notice, schedule, change.cause.organisation), in: &change)
        }
    }

    private func record(
        _ notice: DebitNotice, _ schedule: Schedule, _ organisation: OrganisationID
    ) throws -> ReminderRecord {
        ReminderRecord(
            reminder: Reminder(id: ids.make(), day: notice.tellOn), organisation: organisation,
            clinic: schedule.clinic, client: schedule.client, payment: schedule.payment, occasion: .debitNotice,
            dedupKey: Self.key(schedule.payment, notice.dueOn), facts: try MessageFacts(day: notice.dueOn).text(),
            lateOn: notice.dueOn, reason: nil, version: 1)
    }

    private static func key(_ payment: PaymentID, _ day: LocalDate) -> String { "debit-notice/\(payment)/\(day)" }
}
