/// The transfers that wait for a free connection, first come, first served.
///
/// Removing one from the middle leaves a hole, so that taking the first stays cheap.
struct TransferQueue {
    private var items: [Transfer?] = []
    private var head = 0
    private(set) var count = 0
    /// The earliest time at which one of them has waited too long; may be earlier than true, never later.
    private(set) var nextDeadline: ContinuousClock.Instant?

    var isEmpty: Bool { count == 0 }

    mutating func append(_ transfer: Transfer) {
        items.append(transfer)
        count += 1
        nextDeadline = min(transfer.deadline, nextDeadline ?? transfer.deadline)
    }

    mutating func removeFirst() -> Transfer? {
        while head < items.count {
            let first = items[head]
            items[head] = nil
            head += 1
            guard let first else { continue }
            count -= 1
            count == 0 ? reset() : forgetTaken()
            return first
        }
        reset()
        return nil
    }

    /// Under lasting load the queue is never empty, so what was taken has to go now and then.
    private mutating func forgetTaken() {
        guard head > 1_024, head > items.count / 2 else { return }
        items.removeFirst(head)
        head = 0
    }

    private mutating func reset() {
        items.removeAll(keepingCapacity: true)
        head = 0
        nextDeadline = nil
    }

    /// Takes one out wherever it is; `false` if it is not here.
    mutating func remove(_ transfer: Transfer) -> Bool {
        guard let index = items[head...].firstIndex(where: { $0 === transfer }) else { return false }
        items[index] = nil
        count -= 1
        return true
    }

    mutating func removeAll() -> [Transfer] {
        defer { self = TransferQueue() }
        return items[head...].compactMap(\.self)
    }

    mutating func removeExpired(at now: ContinuousClock.Instant) -> [Transfer] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        let all = removeAll()
        for transfer in all where transfer.deadline > now { append(transfer) }
        return all.filter { $0.deadline <= now }
    }
}
