import Synchronization

/// The messages a worker has taken and not begun: never more than the calls it makes at once.
final class WorkerHands: Sendable {
    private struct State {
        var messages: [WaitingMessage] = []
        var idle: [CheckedContinuation<WaitingMessage?, Never>] = []
        var waitsForRoom: CheckedContinuation<Int, Never>?
        var isClosed = false
    }

    /// How many messages it holds at most.
    let capacity: Int
    /// Rings when there may be work; a bell that rang while nobody listened is heard later, once.
    let bell: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
        (bell, rope) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { rope.yield() }

    /// How many messages fit, as soon as half of the room is free; none when the worker stops.
    ///
    /// Waited for by one task only.
    func room() async -> Int {
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
        return state.messages.count * 2 <= capacity ? capacity - state.messages.count : nil
    }

    func put(_ messages: [WaitingMessage]) {
        for message in messages {
            let idle = state.withLock { state -> CheckedContinuation<WaitingMessage?, Never>? in
                if let idle = state.idle.popLast() { return idle }
                // An urgent one does not wait behind what was taken before it.
                let place = message.isUrgent ? state.messages.firstIndex { !$0.isUrgent } : nil
                state.messages.insert(message, at: place ?? state.messages.endIndex)
                return nil
            }
            idle?.resume(returning: message)
        }
    }

    /// The next message, as soon as there is one; nil when the worker stops.
    func next() async -> WaitingMessage? {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state -> WaitingMessage?? in
                if state.isClosed { return .some(nil) }
                if !state.messages.isEmpty { return state.messages.removeFirst() }
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
    func close() {
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
