import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Plans that the client is told of each debit two days before, and follows the schedule when it changes (NOT-4).
struct PlanDebitNotices {
    let ids: IdentifierSource
    let reminders = ReminderStore()
    let messages = MessageStore()
    let callOff = CallOffMessages()
    let policies = PolicyStore()
    let written = NoticeMessageStore()
    let forgotten = ForgottenClientStore()
    let clinics = ClinicStore()

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
        let (planned, unsent, gone) = try change.read(
            reminders.lockingPlanned(about: schedule.payment, .debitNotice),
            messages.lockingUnsent(about: .payment(schedule.payment), [.debitNotice]),
            written.lockingCalledOff(about: schedule.payment, because: [.scheduleChanged, .unwanted]))
        for var record in planned where !wanted.contains(record.dedupKey) {
            try record.reminder.callOff()
            record.reason = CallOffReason.scheduleChanged.note
            try reminders.save(record, in: &change)
        }
        let near: DebitNotice.Near = schedule.nearAt == nil ? .toldAlready : .toldAtOnce
        let hours = try policies.find(change.cause.organisation, in: &change.transaction).hours
        let notices = DebitNotice.all(of: schedule.instalments, knownOn: schedule.knownOn, near).map { notice in
            Told(
                notice: notice,
                moment: notice.moment(knownOn: schedule.knownOn, at: schedule.nearAt ?? .morning, in: hours))
        }
        for told in notices {
            try reminders.plan(try record(told, schedule, change.cause.organisation), in: &change)
        }
        try follow(unsent, debits, schedule, hours, in: &change)
        try tellAfterAll(gone, notices, schedule, in: &change)
    }

    /// A notice with when it is told.
    private struct Told {
        let notice: DebitNotice
        let moment: (day: LocalDate, time: LocalTime)

        var lateOn: LocalDate { notice.lateOn(toldOn: moment.day) }
    }

    /// A notice that was written and called off is told when its day comes back: its reminder was released once, and no
    /// other is planned for it.
    private func tellAfterAll(
        _ gone: [MessageRecord], _ notices: [Told], _ schedule: Schedule, in change: inout Change
    ) throws {
        guard !gone.isEmpty, try !forgotten.has(schedule.client, in: &change) else { return }
        let zone = try clinics.zone(of: schedule.clinic, in: &change)
        for record in gone {
            let day = try MessageFacts(record.facts).day
            guard let told = notices.first(where: { $0.notice.dueOn == day }) else { continue }
            var message = record.message
            try message.wantAgain()
            written.tellAnew(message, at: told.moment, lateOn: told.lateOn, in: zone, &change)
        }
    }

    /// A notice that was written says a day and a sum, neither of which may be true any more.
    private func follow(
        _ unsent: [MessageRecord], _ debits: Set<LocalDate>, _ schedule: Schedule, _ hours: MarketingHours,
        in change: inout Change
    ) throws {
        let morning = schedule.nearAt.flatMap { hours.nextMorning(after: schedule.knownOn, $0) }
        for record in unsent {
            if let day = try MessageFacts(record.facts).day, debits.contains(day) {
                guard record.message.state == .ready else {
                    // Its debit had gone while it was called for, and came back.
                    if !record.isWanted { written.wantAgain(record.message.id, in: &change) }
                    continue
                }
                try rewrite(record, of: day, at: morning, schedule, in: &change)
            } else {
                try callOff.run([record], because: .scheduleChanged, in: &change)
            }
        }
    }

    /// At once, unless people sleep.
    private func rewrite(
        _ record: MessageRecord, of dueOn: LocalDate, at morning: (day: LocalDate, time: LocalTime)?,
        _ schedule: Schedule, in change: inout Change
    ) throws {
        var message = record.message
        try message.rewrite()
        guard let morning else { return written.unwrite(message, in: &change) }
        let zone = try clinics.zone(of: schedule.clinic, in: &change)
        written.tellAnew(
            message, at: morning, lateOn: DebitNotice.lateOn(dueOn, toldOn: morning.day), in: zone, &change)
    }

    private func record(
        _ told: Told, _ schedule: Schedule, _ organisation: OrganisationID
    ) throws -> ReminderRecord {
        ReminderRecord(
            reminder: Reminder(id: ids.make(), day: told.moment.day, time: told.moment.time),
            organisation: organisation, clinic: schedule.clinic, client: schedule.client, payment: schedule.payment,
            occasion: .debitNotice,
            dedupKey: Self.key(schedule.payment, told.notice.dueOn),
            facts: try MessageFacts(day: told.notice.dueOn).text(), lateOn: told.lateOn, reason: nil, version: 1)
    }

    private static func key(_ payment: PaymentID, _ day: LocalDate) -> String { "debit-notice/\(payment)/\(day)" }
}
