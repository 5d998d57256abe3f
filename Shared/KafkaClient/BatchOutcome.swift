import CKafka
import Synchronization

/// What became of the records of one batch; counts down as they are decided.
///
/// `@unchecked Sendable`: each slot is written once, by whoever decides its record, before the count goes down, and
/// read
/// only after the count reached zero.
@safe
final class BatchOutcome: @unchecked Sendable {
    /// One record's place; its address travels through the library.
    @safe
    struct Slot {
        fileprivate let batch: Unmanaged<BatchOutcome>
        fileprivate var error = RD_KAFKA_RESP_ERR_NO_ERROR
        fileprivate var mayBeStored = false
        fileprivate var partition: Int32 = -1
        fileprivate var offset: Int64 = -1
    }

    private let slots: UnsafeMutableBufferPointer<Slot>
    /// One more than there are records: the last is the caller's, who comes to wait.
    private let undecided: Atomic<Int>
    private let waiter = Mutex<CheckedContinuation<Void, Never>?>(nil)

    init(count: Int) {
        unsafe slots = .allocate(capacity: count)
        undecided = Atomic(count + 1)
        unsafe slots.initialize(repeating: Slot(batch: Unmanaged.passUnretained(self)))
        // The library's callbacks keep the batch alive until its last record is decided.
        unsafe _ = Unmanaged.passRetained(self)
    }

    deinit { unsafe slots.deallocate() }

    /// What to hand to the library with the record.
    func address(of index: Int) -> UnsafeMutableRawPointer? {
        unsafe slots.baseAddress.map { unsafe UnsafeMutableRawPointer($0 + index) }
    }

    /// The records from `index` on never reached the library.
    func fail(from index: Int, to end: Int, _ response: rd_kafka_resp_err_t) {
        for index in index..<end {
            unsafe slots[index].error = response
            countDown()
        }
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
        unsafe slot.pointee.batch.takeUnretainedValue().countDown()
    }

    /// Waits until every record is decided.
    func deliveries() async -> [KafkaDelivery] {
        await withCheckedContinuation { continuation in
            waiter.withLock { $0 = continuation }
            countDown()
        }
        return unsafe slots.map(Self.delivery)
    }

    private func countDown() {
        guard undecided.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        waiter.withLock { $0 }?.resume()
        unsafe Unmanaged.passUnretained(self).release()
    }

    private static func delivery(_ slot: Slot) -> KafkaDelivery {
        if slot.error == RD_KAFKA_RESP_ERR_NO_ERROR {
            return .delivered(partition: slot.partition, offset: slot.offset)
        }
        return .failed(KafkaError(slot.error, mayBeStored: slot.mayBeStored))
    }
}
