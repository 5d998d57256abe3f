import Logging
import Observability
import Synchronization

/// The messages a worker has in hand, delivered by as many calls at once as it may make.
final class WorkerHands: Sendable {
    private struct State {
        var messages: [WaitingMessage] = []
        var idle: [CheckedContinuation<WaitingMessage?, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func take(_ message: WaitingMessage) {
        let idle = state.withLock { state -> CheckedContinuation<WaitingMessage?, Never>? in
            if let idle = state.idle.popLast() { return idle }
            state.messages.append(message)
            return nil
        }
        idle?.resume(returning: message)
    }

    /// Delivers until the task is cancelled; what is in hand then stays ready for another worker.
    func run(callsMax: Int, _ deliver: DeliverMessage, logger: Logger) async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<callsMax {
                    group.addTask { await self.deliverAll(deliver, logger) }
                }
            }
        } onCancel: {
            close()
        }
    }

    private func deliverAll(_ deliver: DeliverMessage, _ logger: Logger) async {
        while let waiting = await next() {
            do {
                try await deliver.run(waiting)
            } catch {
                logger.error(
                    "a message could not be delivered", metadata: [LogField.reason: "\(type(of: error))"])
            }
        }
    }

    /// The next message, as soon as there is one; nil when the worker stops.
    private func next() async -> WaitingMessage? {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> WaitingMessage?? in
                if state.isClosed { return .some(nil) }
                if !state.messages.isEmpty { return state.messages.removeFirst() }
                state.idle.append(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    private func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for continuation in idle { continuation.resume(returning: nil) }
    }
}
