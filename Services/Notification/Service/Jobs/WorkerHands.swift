import NotificationDomain
package import PaymentModel
import Synchronization

/// The messages a worker has taken and not begun, never more than the calls it makes at once, and the hands that wait
/// for them.
package final class WorkerHands: Sendable {
    /// How many messages are taken before a hand is free for them.
    package enum Taking: Sendable {
        /// As many as there are hands, so that none of them waits for the table.
        case ahead
        /// None: what one worker cannot begin at once is another's.
        case whenFree
    }

    /// A hand that waits for a message; nil sends it home.
    private typealias Hand = CheckedContinuation<WaitingMessage?, Never>
    /// Who takes messages from the table, while there is no room for more.
    private typealias Taker = CheckedContinuation<Int, Never>
    private typealias Begun = (hand: Hand, message: WaitingMessage?)
    private typealias Freed = (taker: Taker, room: Int)
    /// Who has come back from a call that was not urgent, while something urgent is on its way.
    private typealias Returned = CheckedContinuation<Void, Never>

    private struct State: Sendable {
        /// What is urgent is in front.
        var messages: [WaitingMessage] = []
        var freeHands: [Hand] = []
        var taker: Taker?
        var returned: [Returned] = []
        var isClosed = false
        var way = RightOfWay()
        /// How often it was told to give way; while it does, only what is urgent is begun.
        var grants = 0
        var givesWay = false

        /// An urgent one does not wait behind what was taken before it.
        mutating func add(_ message: WaitingMessage) {
            let place = message.isUrgent ? messages.firstIndex { !$0.isUrgent } : nil
            messages.insert(message, at: place ?? messages.endIndex)
        }

        /// Takes what may be begun from the messages, as far as hands are free for it.
        mutating func handOut() -> [Begun] {
            guard !isClosed else {
                defer { freeHands = [] }
                return freeHands.map { ($0, nil) }
            }
            var begun: [Begun] = []
            while let hand = freeHands.last, let first = messages.first, first.isUrgent || !givesWay {
                freeHands.removeLast()
                messages.removeFirst()
                begun.append((hand, first))
            }
            return begun
        }

        /// Those who need not wait any more.
        mutating func letGo() -> [Returned] {
            guard !givesWay || isClosed else { return [] }
            defer { returned = [] }
            return returned
        }
    }

    /// How many messages it holds at most.
    let capacity: Int
    /// Rings when there may be work; a bell that rang while nobody listened is heard later, once.
    let bell: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation
    private let taking: Taking
    private let state = Mutex(State())

    package init(capacity: Int, taking: Taking = .ahead) {
        self.capacity = capacity
        self.taking = taking
        (bell, rope) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { rope.yield() }

    /// How many messages fit, as soon as half of the room is free; none when the worker stops.
    ///
    /// Waited for by one task only.
    package func room() async -> Int {
        await withCheckedContinuation { taker in change { $0.taker = taker } }
    }

    package func put(_ messages: [WaitingMessage]) {
        for message in messages { change { $0.add(message) } }
    }

    /// Takes back what is for a gateway that is left alone and was not begun; the one that tries it stays.
    package func drop(_ gateway: String) -> [WaitingMessage] {
        var dropped: [WaitingMessage] = []
        change { state in
            let isDropped = { (message: WaitingMessage) in message.route == gateway && !message.isTrial }
            dropped = state.messages.filter(isDropped)
            state.messages.removeAll(where: isDropped)
        }
        return dropped
    }

    /// The next message, as soon as there is one; nil when the worker stops.
    package func next() async -> WaitingMessage? {
        await withCheckedContinuation { hand in change { $0.freeHands.append(hand) } }
    }

    /// Lets go of everything; what was not begun stays ready for another worker.
    package func close() {
        change { state in
            state.isClosed = true
            state.messages = []
        }
        rope.finish()
    }

    /// Changes the state, and wakes all for whom there is something in it now.
    private func change(_ body: (inout State) -> Void) {
        let (begun, returned, freed) = state.withLock { state -> ([Begun], [Returned], Freed?) in
            body(&state)
            return (state.handOut(), state.letGo(), makeRoom(&state))
        }
        for (hand, message) in begun { hand.resume(returning: message) }
        for one in returned { one.resume() }
        if let (taker, room) = freed { taker.resume(returning: room) }
    }

    /// Lets go of who waits for room, once there is some.
    private func makeRoom(_ state: inout State) -> Freed? {
        guard let taker = state.taker, let room = room(in: state) else { return nil }
        state.taker = nil
        return (taker, room)
    }

    /// Nil while there is none.
    private func room(in state: State) -> Int? {
        if state.isClosed { return 0 }
        switch taking {
        case .ahead: return state.messages.count * 2 <= capacity ? capacity - state.messages.count : nil
        case .whenFree:
            // What was taken and gives way just now has the hand that is free for it.
            let room = state.freeHands.count - state.messages.count
            return room > 0 ? room : nil
        }
    }
}

// MARK: Giving way

extension WorkerHands {
    /// Begins nothing but what is urgent for so long, as far as that is granted; a call that was begun goes on.
    package func giveWay(for time: Duration, at now: Instant) {
        let (granted, grant) = state.withLock { state in
            let granted = state.way.grant(time, at: now)
            state.grants += 1
            state.givesWay = granted > .zero
            return (granted, state.grants)
        }
        Task {
            try? await Task.sleep(for: granted)
            // Unless it was told to give way again since.
            change { state in if state.grants == grant { state.givesWay = false } }
        }
    }

    /// Returns as soon as nothing urgent is on its way: what a call came to is written down a moment later then, for
    /// thirty outcomes at once would stand before it at the disk.
    package func awaitWay() async {
        await withCheckedContinuation { one in change { $0.returned.append(one) } }
    }
}
