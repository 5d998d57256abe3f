import Logging
import Observability
import TransactionalMessaging

/// Takes messages from the table as fast as it can deliver them, and no faster (NOT-11).
struct Worker {
    let database: Database
    let hands: WorkerHands
    let deliver: DeliverMessage
    /// How long taken messages are this worker's alone.
    let inHandTime: Duration
    /// How often it looks without having been told: the net below the dispatch topic.
    let lookEvery: Duration
    let logger: Logger
    let queues = MessageQueues()

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
                hands.put(taken)
                // Fewer than asked for: there are no more.
                guard taken.count == room else { break }
                room = await hands.room()
            }
        }
    }

    private func take(_ room: Int) async -> [WaitingMessage] {
        do {
            return try await queues.take(room, for: inHandTime, from: database)
        } catch {
            logger.warning("no messages could be taken", metadata: [LogField.reason: "\(error)"])
            return []
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
