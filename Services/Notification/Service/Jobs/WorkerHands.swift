import Logging
import Observability

/// The messages a worker has in hand, delivered by as many calls at once as it may make.
struct WorkerHands: Sendable {
    private let stream: AsyncStream<WaitingMessage>
    private let continuation: AsyncStream<WaitingMessage>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: WaitingMessage.self) }

    func take(_ message: WaitingMessage) { continuation.yield(message) }

    /// Delivers until the task is cancelled; what is in hand then stays ready for another worker.
    func run(callsMax: Int, _ deliver: DeliverMessage, logger: Logger) async {
        await withDiscardingTaskGroup { group in
            let slots = AsyncStream.makeStream(of: Void.self)
            for _ in 0..<callsMax { slots.continuation.yield() }
            var free = slots.stream.makeAsyncIterator()
            for await waiting in stream {
                guard await free.next() != nil else { return }
                group.addTask {
                    do {
                        try await deliver.run(waiting)
                    } catch {
                        logger.error(
                            "a message could not be delivered",
                            metadata: [LogField.reason: "\(type(of: error))"])
                    }
                    slots.continuation.yield()
                }
            }
        }
    }
}
