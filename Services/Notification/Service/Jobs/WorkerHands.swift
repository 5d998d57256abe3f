import NotificationDomain
package import PaymentModel
import Synchronization

/// The messages a worker has taken and not begun: never more than the calls it makes at once.
package final class WorkerHands: Sendable {
    /// How many messages are taken before a hand is free for them.
    package enum Taking: Sendable {
        /// As many as there are hands, so that none of them waits for the table.
        case ahead
        /// None: what one worker cannot begin at once is another's.
        case whenFree
    }

    private struct State {
        var messages: [WaitingMessage] = []
        var idle: [CheckedContinuation<WaitingMessage?, Never>] = []
        var waitsForRoom: CheckedContinuation<Int, Never>?
        var isClosed = false
        var way = RightOfWay()
        /// How often it was told to give way; while it does, only what is urgent is begun.
        var grants = 0
        var givesWay = false

        /// Takes out the first message that may be begun.
        mutating func popFirst() -> WaitingMessage? {
            guard let first = messages.first, first.isUrgent || !givesWay else { return nil }
            return messages.removeFirst()
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
        await withCheckedContinuation { continuation in
            let room = state.withLock { state -> Int? in
                let room = self.room(state)
                if room == nil { state.waitsForRoom = continuation }
                return room
            }
            if let room { continuation.resume(returning: room) }
        }
    }

    private func room(_ state: State) -> Int? {
        if state.isClosed { return 0 }
        switch taking {
        case .ahead: return state.messages.count * 2 <= capacity ? capacity - state.messages.count : nil
        case .whenFree: return state.idle.isEmpty ? nil : state.idle.count
        }
    }

    package func put(_ messages: [WaitingMessage]) {
        for message in messages {
            let idle = state.withLock { state -> CheckedContinuation<WaitingMessage?, Never>? in
                if message.isUrgent || !state.givesWay, let idle = state.idle.popLast() { return idle }
                // An urgent one does not wait behind what was taken before it.
                let place = message.isUrgent ? state.messages.firstIndex { !$0.isUrgent } : nil
                state.messages.insert(message, at: place ?? state.messages.endIndex)
                return nil
            }
            idle?.resume(returning: message)
        }
    }

    /// The next message, as soon as there is one; nil when the worker stops.
    package func next() async -> WaitingMessage? {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state -> WaitingMessage?? in
                if state.isClosed { return .some(nil) }
                if let message = state.popFirst() { return message }
                state.idle.append(continuation)
                return nil
            }
            tellRoom()
            if let found { continuation.resume(returning: found) }
        }
    }

    private func tellRoom() {
        let told = state.withLock { state -> (CheckedContinuation<Int, Never>, Int)? in
            guard let waiter = state.waitsForRoom, let room = room(state) else { return nil }
            state.waitsForRoom = nil
            return (waiter, room)
        }
        if let (waiter, room) = told { waiter.resume(returning: room) }
    }

    /// Lets go of everything; what was not begun stays ready for another worker.
    package func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            state.messages = []
            defer { state.idle = [] }
            return state.idle
        }
        for continuation in idle { continuation.resume(returning: nil) }
        tellRoom()
        rope.finish()
    }
}

// MARK: Giving way

extension WorkerHands {
    /// Begins nothing but what is urgent for so long, as far as that is granted; what was begun goes on.
    package func giveWay(for time: Duration, at now: Instant) {
        let (granted, grant) = state.withLock { state in
            let granted = state.way.grant(time, at: now)
            state.grants += 1
            state.givesWay = granted > .zero
            return (granted, state.grants)
        }
        Task {
            try? await Task.sleep(for: granted)
            goOn(after: grant)
        }
    }

    /// Unless it was told to give way again since.
    private func goOn(after grant: Int) {
        let begun = state.withLock { state -> [(CheckedContinuation<WaitingMessage?, Never>, WaitingMessage)] in
            guard state.grants == grant else { return [] }
            state.givesWay = false
            var begun: [(CheckedContinuation<WaitingMessage?, Never>, WaitingMessage)] = []
            while !state.idle.isEmpty, let message = state.popFirst() {
                begun.append((state.idle.removeLast(), message))
            }
            return begun
        }
        for (idle, message) in begun { idle.resume(returning: message) }
        tellRoom()
    }
}
