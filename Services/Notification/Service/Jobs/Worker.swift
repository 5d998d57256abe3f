import Logging
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Takes messages from the table as fast as it can deliver them, and no faster (NOT-11).
///
/// What somebody waits for has a hand, a look at the table and a wake-up of its own, and the next connection: it stands
/// nowhere behind a campaign, which begins nothing new while an urgent message is on its way.
struct Worker {
    /// Messages of one kind, and the hands that deliver them.
    struct Side {
        let take: TakeMessages
        let hands: WorkerHands
    }

    /// Takes whatever may leave, the urgent first.
    let all: Side
    /// Takes the urgent ones alone.
    let urgent: Side
    let deliver: DeliverMessage
    let handsOff: HandsOff
    let bell: WorkBell
    /// How often it looks without having been told: the net below the dispatch topic.
    let lookEvery: Duration
    let readiness: WorkerReadiness
    let time: TimeSource
    let logger: Logger
    /// How soon it looks again when messages wait for their gateway's rate or have gone from one to another.
    private static let rateWait = Duration.milliseconds(50)
    /// For how long the others begin nothing when an urgent message is asked for, and again when it is written.
    private static let wayTime = Duration.milliseconds(100)

    /// Delivers until the task is cancelled; calls in progress are finished first.
    func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                for side in [all, urgent] {
                    group.addTask { await takeAll(side) }
                    for _ in 0..<side.hands.capacity { group.addTask { await deliverAll(side.hands) } }
                }
                group.addTask { await ringAgainAndAgain() }
                group.addTask { await bell.listen { work in hear(work) } }
            }
        } onCancel: {
            all.hands.close()
            urgent.hands.close()
        }
    }

    private func hear(_ work: WorkBell.Work) {
        switch work {
        case .urgentMessages: all.hands.giveWay(for: Self.wayTime, at: time.now())
        case .urgentReady:
            all.hands.giveWay(for: Self.wayTime, at: time.now())
            urgent.hands.ring()
        case .messages, .campaigns: break
        }
    }

    private func takeAll(_ side: Side) async {
        var turn = 0
        for await _ in side.hands.bell {
            var room = await side.hands.room()
            while room > 0 {
                let taken = await take(room, turn, side)
                turn &+= 1
                // Fewer than asked for: there are no more, or not yet.
                guard taken.count == room else {
                    if taken.isMore { ringSoon(side.hands) }
                    break
                }
                room = await side.hands.room()
            }
        }
    }

    private func take(_ room: Int, _ turn: Int, _ side: Side) async -> TakeMessages.Taken {
        do {
            let taken = try await side.take.run(room, turn: turn) { messages in side.hands.put(messages) }
            readiness.noteLook()
            for gateway in taken.resting { handsOff.run(gateway) }
            return taken
        } catch {
            logger.warning("no messages could be taken", metadata: [LogField.reason: "\(error)"])
            return TakeMessages.Taken()
        }
    }

    private func ringSoon(_ hands: WorkerHands) {
        Task {
            // Cancelled: the worker stops.
            try? await Task.sleep(for: Self.rateWait)
            hands.ring()
        }
    }

    private func ringAgainAndAgain() async {
        repeat {
            all.hands.ring()
            urgent.hands.ring()
            // Cancelled: the worker stops.
            try? await Task.sleep(for: lookEvery)
        } while !Task.isCancelled
    }

    private func deliverAll(_ hands: WorkerHands) async {
        while let waiting = await hands.next() {
            do {
                // A task of its own, which is not cancelled: a call cut short would leave its message uncertain.
                try await Task {
                    try await deliver.run(waiting) { if !waiting.isUrgent { await hands.awaitWay() } }
                }.value
            } catch {
                // What the database says holds no value of a statement; of other errors nobody knows.
                let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
                logger.error(
                    "a message could not be delivered",
                    metadata: [LogField.subjectID: "\(waiting.id)", LogField.reason: "\(reason)"])
            }
        }
    }
}
