import HTTPClient
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Has a mail's document at hand before the mail is claimed: a worker that dies meanwhile leaves it ready (NOT-10).
struct BringDocument {
    /// How long a mail waits whose document could not be fetched.
    static let waitSeconds: Int64 = 30
    let database: Database
    let fetch: FetchDocument
    let ids: IdentifierSource
    let messages = MessageStore()

    /// Nil when the message does not leave now: it waits for its document, or there is none for it.
    func run(_ waiting: WaitingMessage) async throws -> [MailMessage.Attachment]? {
        guard waiting.bringsDocument else { return [] }
        let found = try await database.read(organisation: waiting.organisation) { transaction in
            try messages.find(waiting.id, &transaction)
        }
        guard let found, found.message.state == .ready else { return nil }
        do throws(OwnerUnavailable) {
            return [try await fetch.run(for: found)]
        } catch {
            let reason = "its document could not be fetched: \(error.reason)"
            try await database.change(because: waiting.step("wait-for-document", ids)) { change in
                try wait(waiting.id, isFinal: error.isFinal, reason, in: &change)
            }
            return nil
        }
    }

    private func wait(_ id: MessageID, isFinal: Bool, _ reason: String, in change: inout Change) throws {
        guard var record = try messages.lock(id, in: &change), record.message.state == .ready else { return }
        guard isFinal else {
            return try messages.postpone(id, bySeconds: Self.waitSeconds, reason: reason, in: &change)
        }
        try record.message.callOff()
        try messages.save(record.message, reason: reason, in: &change)
        change.announceFailure(of: record, reason)
    }
}
