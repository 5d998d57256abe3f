import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Finds what a worker that died had in hand.
struct RecoverMessages {
    let database: Database
    let steps: MessageSteps
    let queues = MessageQueues()
    let messages = MessageStore()
    static let batchMax = 500
    /// Longer than a call can take, time-outs included.
    static let abandonedAfterSeconds: Int64 = 60
    static let forgottenAfterSeconds: Int64 = 15

    func run() async throws {
        try await handOutAgain()
        try await giveUpCalls()
    }

    /// Nobody claimed these, so nothing left: they go out to the workers again.
    private func handOutAgain() async throws {
        let forgotten = try await database.read(organisation: nil) { transaction in
            try queues.forgotten(olderThanSeconds: Self.forgottenAfterSeconds, Self.batchMax, &transaction)
        }
        for waiting in forgotten {
            _ = try await database.change(because: steps.cause("dispatch-again", waiting)) { change in
                guard let record = try messages.lock(waiting.id, in: &change), record.message.state == .ready else {
                    return NoAnswer()
                }
                try messages.postpone(waiting.id, bySeconds: 0, reason: "handed out again", in: &change)
                change.announceDispatch(record)
                return NoAnswer()
            }
        }
    }

    /// The call of these may have gone through: they are uncertain, and a receipt or a person settles them.
    private func giveUpCalls() async throws {
        let abandoned = try await database.read(organisation: nil) { transaction in
            try queues.abandoned(olderThanSeconds: Self.abandonedAfterSeconds, Self.batchMax, &transaction)
        }
        for waiting in abandoned {
            _ = try await database.change(because: steps.cause("give-up-call", waiting)) { change in
                guard var record = try messages.lock(waiting.id, in: &change), record.message.state == .claimed else {
                    return NoAnswer()
                }
                try record.message.abandon()
                try messages.save(record.message, reason: "the worker that called is gone", in: &change)
                return NoAnswer()
            }
        }
    }
}
