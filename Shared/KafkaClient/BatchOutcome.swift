import CKafka
import Synchronization

/// What became of the records of one batch; counts down as they are decided.
///
/// `@unchecked Sendable`: each slot is written once, by whoever decides its record, before its flag is raised, and read
/// only after the flag was seen.
@safe
final class BatchOutcome: @unchecked Sendable {
    /// One record's place; its address travels through the library.
    @safe
    struct Slot: ~Copyable {
        fileprivate let batch: Unmanaged<BatchOutcome>
        fileprivate var error = RD_KAFKA_RESP_ERR_NO_ERROR
        fileprivate var mayBeStored = false
        fileprivate var partition: Int32 = -1
        fileprivate var offset: Int64 = -1
        fileprivate let isDecided = Atomic(false)
    }

    private struct Waiting {
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    let count: Int
    private let slots: UnsafeMutablePointer<Slot>
    private let undecided: Atomic<Int>
    private let waiting = Mutex(Waiting())

    init(count: Int) {
        self.count = count
        unsafe slots = .allocate(capacity: count)
        undecided = Atomic(count)
        for index in 0..<count {
            unsafe (slots + index).initialize(to: Slot(batch: Unmanaged.passUnretained(self)))
        }
        // The library's callbacks keep the batch alive until its last record is decided.
        unsafe _ = Unmanaged.passRetained(self)
    }

    deinit {
        unsafe slots.deinitialize(count: count)
        unsafe slots.deallocate()
    }

    /// What to hand to the library with the record.
    func address(of index: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(slots + index)
    }

    /// This record never reached the library.
    func fail(_ index: Int, _ response: rd_kafka_resp_err_t) {
        unsafe slots[index].error = response
        unsafe slots[index].isDecided.store(true, ordering: .releasing)
        countDown()
    }

    /// Nothing of the batch was handed over and nobody waits.
    func abandon() { unsafe Unmanaged.passUnretained(self).release() }

    /// The library's report on one record, on the thread that polls.
    static func decided(_ message: UnsafePointer<rd_kafka_message_t>) {
        guard let slot = unsafe message.pointee._private?.assumingMemoryBound(to: Slot.self) else { return }
        unsafe slot.pointee.error = message.pointee.err
        unsafe slot.pointee.partition = message.pointee.partition
        unsafe slot.pointee.offset = message.pointee.offset
        if unsafe message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe slot.pointee.mayBeStored =
                rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED
        }
        let batch = unsafe slot.pointee.batch.takeUnretainedValue()
        unsafe slot.pointee.isDecided.store(true, ordering: .releasing)
        batch.countDown()
    }

    /// What became of this record; nil while it is on its way.
    func delivery(of index: Int) -> KafkaDelivery? {
        guard unsafe slots[index].isDecided.load(ordering: .acquiring) else { return nil }
        return unsafe Self.delivery(slots[index])
    }

    var isDecided: Bool { undecided.load(ordering: .acquiring) == 0 }

    /// Waits until every record is decided or somebody wakes us; one waits at a time.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = waiting.withLock { waiting in
                if !waiting.isOver { waiting.waiter = continuation }
                return waiting.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Ends the wait of whoever waits now.
    func wake() {
        waiting.withLock { waiting in
            defer { waiting.waiter = nil }
            return waiting.waiter
        }?
        .resume()
    }

    private func countDown() {
        guard undecided.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        waiting.withLock { $0.isOver = true }
        wake()
        unsafe Unmanaged.passUnretained(self).release()
    }

    private static func delivery(_ slot: borrowing Slot) -> KafkaDelivery {
        if slot.error == RD_KAFKA_RESP_ERR_NO_ERROR {
            return .delivered(partition: slot.partition, offset: slot.offset)
        }
        return .failed(KafkaError(slot.error, mayBeStored: slot.mayBeStored))
    }
}
