import Logging
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Finds what nobody will finish: calls whose worker died, messages that would come too late, words never sent.
struct RecoverMessages {
    let database: Database
    let ids: IdentifierSource
    /// Longer than a call can take, time-outs included.
    let callLease: Duration
    let receipts: TakeReceipt
    let logger: Logger
    let queues = MessageQueues()
    let messages = MessageStore()
    let late = CallOffLate()
    static let batchMax = 500
    private static let workerGone = "the worker that called is gone"

    /// False when there was nothing to find.
    func run() async throws -> Bool {
        let found = try await giveUpCalls() + callOffExpired()
        try await database.maintain(organisation: nil) { transaction in
            try queues.forgetLateTexts(&transaction)
            try receipts.receipts.forgetOrphans(&transaction)
        }
        return found > 0
    }

    /// The call of these may have gone through: they are uncertain, and a receipt or a person settles them.
    private func giveUpCalls() async throws -> Int {
        let abandoned = try await database.read(organisation: nil) { transaction in
            try queues.abandoned(olderThan: callLease, Self.batchMax, &transaction)
        }
        for waiting in abandoned {
            try await database.change(because: waiting.step("give-up-call", ids)) { change in
                guard var record = try queues.lockAbandoned(waiting.id, olderThan: callLease, in: &change) else {
                    return
                }
                try record.message.abandon()
                try messages.save(record.message, reason: Self.workerGone, in: &change)
                try receipts.join(waiting.id, in: &change)
                try change.tellIfUncertain(waiting.id, because: Self.workerGone, to: logger)
            }
        }
        return abandoned.count
    }

    private func callOffExpired() async throws -> Int {
        let expired = try await database.read(organisation: nil) { transaction in
            try queues.expired(Self.batchMax, &transaction)
        }
        for waiting in expired {
            try await database.change(because: waiting.step("call-off-late", ids)) { change in
                guard let record = try messages.lock(waiting.id, in: &change) else { return }
                try late.run(record, in: &change)
            }
        }
        return expired.count
    }
}

extension Change {
    /// Names a message in the log of which nobody knows whether it left, also not by a receipt that was there before.
    mutating func tellIfUncertain(_ id: MessageID, because reason: String, to logger: Logger) throws {
        guard try MessageStore().lock(id, in: &self)?.message.state == .uncertain else { return }
        afterCommit {
            logger.warning(
                "nobody knows whether a message left",
                metadata: [LogField.subjectID: "\(id)", LogField.reason: "\(reason)"])
        }
    }
}
