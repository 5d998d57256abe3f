import Logging
import Observability
import TransactionalMessaging

/// Takes messages from the table as fast as it can deliver them, and no faster (NOT-11).
struct Worker {
    let take: TakeMessages
    let hands: WorkerHands
    let deliver: DeliverMessage
    /// How often it looks without having been told: the net below the dispatch topic.
    let lookEvery: Duration
    let readiness: WorkerReadiness
    let logger: Logger
    /// How soon it looks again when messages wait for their gateway's rate.
    private static let rateWait = Duration.milliseconds(50)

    /// Delivers until the task is cancelled; calls in progress are finished first.
    func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await takeAll() }
                group.addTask { await ringAgainAndAgain() }
                for _ in 0..<hands.capacity { group.addTask { await deliverAll() } }
            }
        } onCancel: {
            hands.close()
        }
    }

    private func takeAll() async {
        for await _ in hands.bell {
            var room = await hands.room()
            while room > 0 {
                let taken = await take(room)
                hands.put(taken.messages)
                // Fewer than asked for: there are no more, or not yet.
                guard taken.messages.count == room else {
                    if taken.mustWait { ringSoon() }
                    break
                }
                room = await hands.room()
            }
        }
    }

    private func take(_ room: Int) async -> TakeMessages.Taken {
        do {
            let taken = try await take.run(room)
            readiness.noteLook()
            return taken
        } catch {
            logger.warning("no messages could be taken", metadata: [LogField.reason: "\(error)"])
            return TakeMessages.Taken()
        }
    }

    private func ringSoon() {
        Task {
            // Cancelled: the worker stops.
            try? await Task.sleep(for: Self.rateWait)
            hands.ring()
        }
    }

    private func ringAgainAndAgain() async {
        repeat {
            hands.ring()
            // Cancelled: the worker stops.
            try? await Task.sleep(for: lookEvery)
        } while !Task.isCancelled
    }

    private func deliverAll() async {
        while let waiting = await hands.next() {
            do {
                // A task of its own, which is not cancelled: a call cut short would leave its message uncertain.
                try await Task { try await deliver.run(waiting) }.value
            } catch {
                logger.error(
                    "a message could not be delivered", metadata: [LogField.reason: "\(type(of: error))"])
            }
        }
    }
}
