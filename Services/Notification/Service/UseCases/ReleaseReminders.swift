import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Turns reminders that are due on their clinic's wall clock into messages, each once (NOT-3, C-09).
struct ReleaseReminders {
    let database: Database
    let request: RequestMessage
    let ids: IdentifierSource
    let time: TimeSource
    let reminders = ReminderStore()
    let contacts = ContactStore()
    let forgotten = ForgottenClientStore()
    /// How many one run releases; the rest is seen by the next.
    static let batchMax = 5_000
    /// How many one change releases: a morning has fifty thousand, and a commit for each would make it noon.
    static let changeMax = 200

    /// False when none was due.
    func run() async throws -> Bool {
        let now = time.now()
        let due = try await database.read(organisation: nil) { transaction in
            try reminders.due(at: now, Self.batchMax, &transaction)
        }
        for start in stride(from: 0, to: due.count, by: Self.changeMax) {
            // The longest due first, also across organisations.
            let some = Dictionary(grouping: due[start...].prefix(Self.changeMax), by: \.organisation)
            for (organisation, waiting) in some { try await release(waiting.map(\.id), of: organisation) }
        }
        return !due.isEmpty
    }

    private func release(_ due: [MessageID], of organisation: OrganisationID) async throws {
        let cause = Cause.step(
            "release-reminders", by: "release-reminders", for: organisation,
            correlation: CorrelationID(ids.next()), ids)
        try await database.change(because: cause) { change in
            // Before anything is locked, as who forgets a client does.
            let clients = try reminders.clients(of: due, in: &change)
            forgotten.awaitTurn(of: clients, in: &change)
            let planned = try reminders.lockPlanned(due, in: &change)
            let gone = try forgotten.among(planned.map(\.record.client), in: &change)
            for one in planned {
                if gone.contains(one.record.client) {
                    try callOff(one.record, in: &change)
                } else {
                    try release(one, in: &change)
                }
            }
        }
    }

    /// It was planned by what was told of the client after the client was erased (GEN-7).
    private func callOff(_ planned: ReminderRecord, in change: inout Change) throws {
        var record = planned
        try record.reminder.callOff()
        record.reason = CallOffReason.clientErased.note
        record.contacts = []
        try reminders.save(record, in: &change)
    }

    /// Whether it is wanted still is asked again when it is written, and once more before its call.
    private func release(_ due: DueReminder, in change: inout Change) throws {
        var record = due.record
        try record.reminder.release()
        try reminders.save(record, in: &change)
        try request.run(
            MessageRequest(
                occasion: record.occasion, channel: .sms, lane: .normal, dedupKey: record.dedupKey,
                matter: .payment(record.payment), client: record.client, clinic: record.clinic, facts: record.facts,
                expiresAt: due.lateAt, dueAt: due.dueAt),
            as: record.reminder.id, in: &change)
        for id in record.contacts { try release(due, to: id, in: &change) }
    }

    /// Somebody of the directory gets it too; who left it meanwhile does not.
    private func release(_ due: DueReminder, to id: ContactID, in change: inout Change) throws {
        let record = due.record
        guard let contact = try contacts.find(id, of: record.organisation, &change.transaction) else { return }
        try request.run(
            MessageRequest(
                occasion: record.occasion, channel: .sms, lane: .normal, dedupKey: "\(record.dedupKey)/\(id)",
                matter: .payment(record.payment), client: contact.details.client, clinic: record.clinic,
                facts: record.facts, expiresAt: due.lateAt, dueAt: due.dueAt, contact: id, about: record.client),
            as: ids.make(), in: &change)
    }
}
