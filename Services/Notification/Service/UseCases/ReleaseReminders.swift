import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns reminders that are due on their clinic's wall clock into messages, each once (NOT-3, C-09).
struct ReleaseReminders {
    let database: Database
    let request: RequestMessage
    let ids: IdentifierSource
    let time: TimeSource
    let reminders = ReminderStore()
    /// How many one run releases; the rest is seen by the next.
    static let batchMax = 1_000

    func run() async throws {
        let now = time.now()
        let due = try await database.read(organisation: nil) { transaction in
            try reminders.due(at: now, Self.batchMax, &transaction)
        }
        for waiting in due {
            try await database.change(because: waiting.step("release-reminder", ids)) { change in
                try release(waiting.id, in: &change)
            }
        }
    }

    /// Whether it is wanted still is asked again when it is written, and once more before its call.
    private func release(_ id: MessageID, in change: inout Change) throws {
        guard var record = try reminders.lock(id, in: &change), record.reminder.state == .planned else { return }
        try record.reminder.release()
        try reminders.save(record, in: &change)
        try request.run(
            MessageRequest(
                occasion: record.occasion, channel: .sms, lane: .normal, dedupKey: record.dedupKey,
                matter: .payment(record.payment), client: record.client, clinic: record.clinic, facts: record.facts,
                expiresAt: try reminders.lateAt(id, in: &change)),
            as: id, in: &change)
    }
}
