import NotificationService
import PaymentModel
import Testing

/// NOT-11: what the hands of a worker begin, and when.
@Suite struct `The hands of a worker` {
    private static let start = Instant(secondsSince1970: 1_800_000_000)

    private func message(_ number: UInt128, isUrgent: Bool = false) -> WaitingMessage {
        var message = WaitingMessage(id: MessageID(number), organisation: OrganisationID(1))
        message.isUrgent = isUrgent
        return message
    }

    @Test func `NOT-11: begin what is urgent first, whatever was taken before it`() async {
        let hands = WorkerHands(capacity: 4)
        hands.put([message(1), message(2), message(3, isUrgent: true), message(4, isUrgent: true)])
        var begun: [MessageID?] = []
        for _ in 0..<4 { begun.append(await hands.next()?.id) }
        #expect(begun == [MessageID(3), MessageID(4), MessageID(1), MessageID(2)])
    }

    @Test func `NOT-11: begin nothing but what is urgent while they give way, and then go on`() async {
        let hands = WorkerHands(capacity: 4)
        hands.put([message(1), message(2)])
        hands.giveWay(for: .seconds(1), at: Self.start)
        async let first = hands.next()
        hands.put([message(3, isUrgent: true)])
        #expect(await first?.id == MessageID(3))
        #expect(await hands.next()?.id == MessageID(1), "it waited for no other ring than the end of the moment")
        #expect(await hands.next()?.id == MessageID(2))
    }

    @Test func `NOT-11: that are for urgent messages alone take none beforehand`() async {
        let hands = WorkerHands(capacity: 2, taking: .whenFree)
        async let room = hands.room()
        async let first = hands.next()
        #expect(await room == 1, "one hand is free")
        hands.put([message(1, isUrgent: true)])
        #expect(await first?.id == MessageID(1))
        async let again = hands.room()
        hands.close()
        #expect(await again == 0, "none is free, and then the worker stops")
    }

    @Test func `NOT-11: that take none beforehand take none for a hand that gives way either`() async {
        let hands = WorkerHands(capacity: 2, taking: .whenFree)
        async let first = hands.next()
        async let second = hands.next()
        while await hands.room() < 2 { await Task.yield() }
        hands.giveWay(for: .seconds(600), at: Self.start)
        hands.put([message(1)])
        #expect(await hands.room() == 1, "one of the two has what it will begin")
        hands.close()
        _ = await (first, second)
    }

    @Test func `NOT-10: let go of what waits for a gateway that is left alone, but for the one that tries it`() async {
        let hands = WorkerHands(capacity: 4)
        var (failing, working, trial) = (message(1), message(2), message(3))
        (failing.route, working.route, trial.route) = ("failing", "working", "failing")
        trial.trialUntil = Self.start
        hands.put([failing, working, trial])
        #expect(hands.drop("failing").map(\.id) == [MessageID(1)])
        #expect(hands.drop("failing").isEmpty)
        #expect(await hands.next()?.id == MessageID(2))
        #expect(await hands.next()?.id == MessageID(3))
    }

    @Test(.timeLimit(.minutes(1)))
    func `NOT-11: keep what other calls came to when the way is free, and at once when the worker stops`() async {
        let hands = WorkerHands(capacity: 2)
        await hands.awaitWay()
        let began = ContinuousClock.now
        hands.giveWay(for: .seconds(1), at: Self.start)
        await hands.awaitWay()
        let waited = ContinuousClock.now - began
        #expect(waited >= .milliseconds(900), "it gave way for \(waited)")
        // A busy machine may lose most of a second by itself, and not each time.
        var stopped: [Duration] = []
        while stopped.count < 5, stopped.allSatisfy({ $0 >= .milliseconds(900) }) {
            stopped.append(await Self.timeToStop())
        }
        #expect(stopped.contains { $0 < .milliseconds(900) }, "told to give way for a second, it waited \(stopped)")
    }

    /// How long one waits for the way who waits already when the worker stops, and one who comes then.
    private static func timeToStop() async -> Duration {
        let hands = WorkerHands(capacity: 2)
        hands.giveWay(for: .seconds(600), at: start)
        async let kept: Void = hands.awaitWay()
        let closed = ContinuousClock.now
        hands.close()
        await kept
        await hands.awaitWay()
        return ContinuousClock.now - closed
    }
}
