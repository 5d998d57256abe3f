import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Plans that a client is reminded of a payment that was asked for (NOT-3).
struct PlanReminder {
    /// How many days after its own a reminder would come too late.
    static let daysMax = 2
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let asked = AskedPaymentStore()
    let reminders = ReminderStore()
    let others = CheckOtherRecipients()
    let walls = ClinicStore()

    /// What a person asks for.
    struct Draft: Sendable {
        let payment: PaymentID
        let day: LocalDate
        let time: LocalTime
        /// People of the directory who get it besides the client.
        let contacts: [ContactID]
    }

    func run(
        _ draft: Draft, seenBy clinics: [ClinicID]?, because cause: Cause
    ) async throws -> Applied<ReminderAnswer> {
        let (id, now): (MessageID, Instant) = (ids.make(), time.now())
        return try await database.change(because: cause) { change in
            guard let known = try asked.lock(draft.payment, in: &change),
                clinics.map({ visible in known.clinic.map { visible.contains($0) } ?? false }) ?? true
            else { throw NotFound.payment }
            if let ended = known.ended { throw PaymentEnded(ended: ended) }
            let moment = try walls.moment(of: draft.day, draft.time, at: known.clinic, now: now, in: &change)
            try moment.requireToCome(at: now)
            try others.run(draft.contacts, for: ContactAccess(clinics: clinics), in: &change)
            let record = ReminderRecord(
                reminder: Reminder(id: id, day: draft.day, time: draft.time), organisation: change.cause.organisation,
                clinic: known.clinic, client: known.client, payment: draft.payment, occasion: .paymentReminder,
                dedupKey: "payment-reminder/\(id)", facts: try MessageFacts().text(),
                lateOn: draft.day.adding(days: Self.daysMax), reason: nil, version: 1, contacts: draft.contacts)
            try reminders.requireAlone(record, in: &change)
            try reminders.plan(record, in: &change)
            return ReminderAnswer(record, at: moment, linkEndsAt: known.expiresAt)
        }
    }
}

/// Nobody is reminded of a payment that has ended.
struct PaymentEnded: Error {
    let ended: PaymentEnd
}
