import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Plans that the client is told of each debit two days before, and follows the schedule when it changes (NOT-4).
struct PlanDebitNotices {
    static let reason = "the schedule has changed"
    let ids: IdentifierSource
    let draw: DrawOnQuota
    let reminders = ReminderStore()
    let messages = MessageStore()
    let callOff = CallOffMessages()
    let policies = PolicyStore()

    /// A payment's schedule as it is known on a day.
    struct Schedule: Sendable {
        let payment: PaymentID
        let client: ClientID
        let clinic: ClinicID?
        let instalments: [ScheduledInstalment]
        let knownOn: LocalDate
        /// What time it was; nil where a debit nearer than two days was told with the schedule itself.
        var nearAt: LocalTime?
    }

    func run(_ schedule: Schedule, in change: inout Change) throws {
        let debits = Set(schedule.instalments.filter(\.isDebit).map(\.dueOn))
        let wanted = Set(debits.map { Self.key(schedule.payment, $0) })
        // The planned ones first: who releases one just now has it locked, and its message is seen below.
        let (planned, unsent) = try change.read(
            reminders.lockingPlanned(about: schedule.payment, .debitNotice),
            messages.lockingUnsent(about: .payment(schedule.payment), [.debitNotice]))
        for var record in planned where !wanted.contains(record.dedupKey) {
            try record.reminder.callOff()
            record.reason = Self.reason
            try reminders.save(record, in: &change)
        }
        let near: DebitNotice.Near = schedule.nearAt == nil ? .toldAlready : .toldAtOnce
        let hours = try policies.find(change.cause.organisation, in: &change.transaction).hours
        for notice in DebitNotice.all(of: schedule.instalments, knownOn: schedule.knownOn, near) {
            try reminders.plan(try record(notice, schedule, hours, change.cause.organisation), in: &change)
        }
        try follow(unsent, debits, in: &change)
    }

    /// A notice that was written says a day and a sum, neither of which may be true any more.
    private func follow(_ unsent: [MessageRecord], _ debits: Set<LocalDate>, in change: inout Change) throws {
        var promised = 0
        for record in unsent {
            if let day = try MessageFacts(record.facts).day, debits.contains(day) {
                guard record.message.state == .ready else { continue }
                promised += try rewrite(record, in: &change)
            } else {
                try callOff.run([record], because: Self.reason, in: &change)
            }
        }
        try draw.release(promised, in: &change)
    }

    /// Answers how many parts were promised to it.
    private func rewrite(_ record: MessageRecord, in change: inout Change) throws -> Int {
        var message = record.message
        try message.rewrite()
        return try messages.unwrite(message, in: &change)
    }

    private func record(
        _ notice: DebitNotice, _ schedule: Schedule, _ hours: MarketingHours, _ organisation: OrganisationID
    ) throws -> ReminderRecord {
        let (day, time) = notice.moment(
            knownOn: schedule.knownOn, at: schedule.nearAt ?? .morning, in: hours)
        return ReminderRecord(
            reminder: Reminder(id: ids.make(), day: day, time: time), organisation: organisation,
            clinic: schedule.clinic, client: schedule.client, payment: schedule.payment, occasion: .debitNotice,
            dedupKey: Self.key(schedule.payment, notice.dueOn), facts: try MessageFacts(day: notice.dueOn).text(),
            lateOn: notice.lateOn(toldOn: day), reason: nil, version: 1)
    }

    private static func key(_ payment: PaymentID, _ day: LocalDate) -> String { "debit-notice/\(payment)/\(day)" }
}
