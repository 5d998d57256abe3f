import CKafka
import Glibc
import Logging
import Synchronization

/// The thread that polls the library for delivery reports, and the gate in front of its queue.
final class ProducerWorker: Sendable {
    private enum Phase {
        case open
        case closing(timeout: Duration)
        case closed
    }

    private struct State {
        var phase = Phase.open
        /// Callers inside the library right now; it may not be destroyed under them.
        var entered = 0
        var roomWaiters: [CheckedContinuation<Void, Never>] = []
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private static let pollMilliseconds: Int32 = 100

    private let handle: KafkaHandle
    private let state = Mutex(State())

    init(_ settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        let context = ClientContext(
            logger: logger, statistics: KafkaStatistics(client: settings.clientID, role: "producer"))
        let configuration = try KafkaConfiguration(settings, for: .producer)
        handle = try unsafe KafkaHandle(.producer, configuration, context: context) { raw in
            unsafe rd_kafka_conf_set_dr_msg_cb(raw) { _, message, _ in
                if let message = unsafe message { unsafe BatchOutcome.decided(message) }
            }
        }
    }

    var fatalError: KafkaError? { handle.context.fatalError }

    // MARK: Callers

    /// Hands records to the library until its queue is full; answers the index of the first it had no room for.
    ///
    /// Records behind one that was refused are refused, too, when they have its key.
    func enqueue(
        _ batch: [KafkaRecord], from start: Int, _ outcome: BatchOutcome, _ refused: inout Set<KafkaRecordKey>
    ) throws(KafkaError) -> Int {
        guard enter() else {
            // Records before `start` are on their way; their outcome is still reported.
            if start == 0 {
                outcome.abandon()
                throw .closed
            }
            for index in start..<batch.count { outcome.fail(index, RD_KAFKA_RESP_ERR__DESTROY) }
            return batch.count
        }
        defer { leave() }
        for index in start..<batch.count {
            if !refused.isEmpty, refused.contains(batch[index].place) {
                outcome.fail(index, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE)
                continue
            }
            let response = produce(batch[index], outcome, index)
            if response == RD_KAFKA_RESP_ERR__QUEUE_FULL { return index }
            if response != RD_KAFKA_RESP_ERR_NO_ERROR {
                refused.insert(batch[index].place)
                outcome.fail(index, response)
            }
        }
        return batch.count
    }

    /// Waits until the thread has polled again.
    func room() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard case .open = state.phase else { return true }
                state.roomWaiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Lets the thread end; further calls change nothing.
    func beginClose(timeout: Duration) {
        state.withLock { state in
            if case .open = state.phase { state.phase = .closing(timeout: timeout) }
        }
    }

    /// Waits until the thread has ended.
    func closed() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if case .closed = state.phase { return true }
                state.closeWaiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            guard case .open = state.phase else { return false }
            state.entered += 1
            return true
        }
    }

    private func leave() { state.withLock { $0.entered -= 1 } }

    private func produce(_ record: KafkaRecord, _ outcome: BatchOutcome, _ index: Int) -> rd_kafka_resp_err_t {
        let headers = unsafe Self.headers(record.headers)
        let response = unsafe record.topic.withCString { topic in
            unsafe withOptionalBytes(record.key) { key in
                unsafe withOptionalBytes(record.value) { value in
                    unsafe quittance_kafka_produce(
                        handle.raw, topic, key.baseAddress, key.count, value.baseAddress, value.count, headers,
                        outcome.address(of: index))
                }
            }
        }
        // The library owns the headers only when it took the record.
        if response != RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers {
            unsafe rd_kafka_headers_destroy(headers)
        }
        return response
    }

    private static func headers(_ headers: [KafkaHeader]) -> OpaquePointer? {
        guard !headers.isEmpty, let list = unsafe rd_kafka_headers_new(headers.count) else { return nil }
        for header in headers {
            unsafe header.value.withUnsafeBytes { value in
                unsafe _ = rd_kafka_header_add(list, header.name, -1, value.baseAddress, value.count)
            }
        }
        return unsafe list
    }

    // MARK: The thread

    /// Polls until told to close.
    func run() {
        while true {
            unsafe rd_kafka_poll(handle.raw, Self.pollMilliseconds)
            let (waiters, phase) = state.withLock { state in
                defer { state.roomWaiters = [] }
                return (state.roomWaiters, state.phase)
            }
            for waiter in waiters { waiter.resume() }
            if case .closing(let timeout) = phase { return end(timeout: timeout) }
        }
    }

    private func end(timeout: Duration) {
        while state.withLock({ $0.entered }) > 0 { usleep(1000) }
        let unfinished = unsafe rd_kafka_flush(handle.raw, Int32(clamping: timeout.wholeMilliseconds))
        if unfinished != RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe rd_kafka_purge(handle.raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            // Serves the reports of what was given up, so that every caller gets an answer.
            unsafe rd_kafka_flush(handle.raw, 5000)
        }
        handle.destroy()
        let waiters = state.withLock { state in
            defer {
                state.roomWaiters = []
                state.closeWaiters = []
            }
            state.phase = .closed
            return state.roomWaiters + state.closeWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// Lends the bytes, or a null pointer when there are none: a null key or value differs from an empty one.
func withOptionalBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard let bytes else { return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return unsafe bytes.withUnsafeBytes { buffer in
        guard unsafe buffer.baseAddress == nil else { return unsafe body(buffer) }
        // An empty array may have no address at all, which would read as null.
        var nothing: UInt8 = 0
        return unsafe withUnsafeBytes(of: &nothing) {
            unsafe body(UnsafeRawBufferPointer(start: $0.baseAddress, count: 0))
        }
    }
}
