import CCurl
import Glibc

/// The thread that owns every connection and handle of a client.
///
/// One call of `curl_multi_poll` waits for all sockets and for submissions alike.
final class TransferThread {
    private let loop: TransferLoop
    private var commands: [TransferLoop.Command] = []
    private var waiting = TransferQueue()
    private var slots: [TransferSlot] = []
    private var idleSlots: [TransferSlot] = []
    private var activeCount = 0
    private var finishedCount = 0
    private var endsBy: ContinuousClock.Instant?

    init(_ loop: TransferLoop) {
        self.loop = loop
        let connectionsMax = loop.settings.concurrentMax
        unsafe _ = quittance_multi_set_number(loop.multi, CURLMOPT_MAXCONNECTS, connectionsMax)
    }

    func run() {
        blockSignals()
        while true {
            obeyCommands()
            expireWaiting()
            transferUntilIdle()
            if hasToEnd { break }
            sleep()
        }
        end()
    }

    /// Signals are for the program's own threads; a broken connection must not raise SIGPIPE here.
    private func blockSignals() {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    // MARK: Commands

    private func obeyCommands() {
        loop.take(into: &commands, finished: finishedCount)
        finishedCount = 0
        for command in commands {
            switch command {
            case .start(let transfer): accept(transfer)
            case .cancel(let transfer): cancel(transfer)
            case .close(let deadline): endsBy = min(deadline, endsBy ?? deadline)
            }
        }
        commands.removeAll(keepingCapacity: true)
    }

    private func accept(_ transfer: Transfer) {
        if transfer.isCancelled {
            finish(transfer, .stopped(.cancelled))
        } else {
            waiting.append(transfer)
        }
    }

    /// A task may be cancelled before its transfer arrives here: then the mark stays for `accept`.
    private func cancel(_ transfer: Transfer) {
        transfer.isCancelled = true
        if let slot = transfer.slot {
            abort(slot, because: .cancelled)
        } else if waiting.remove(transfer) {
            finish(transfer, .stopped(.cancelled))
        }
    }

    // MARK: Waiting

    private func expireWaiting() {
        guard !waiting.isEmpty else { return }
        if endsBy != nil {
            for transfer in waiting.removeAll() { finish(transfer, .stopped(.closed)) }
        } else {
            for transfer in waiting.removeExpired(at: .now) { finish(transfer, .stopped(.timedOutWaiting)) }
        }
    }

    private func startWaiting() {
        while activeCount < loop.settings.concurrentMax, let transfer = waiting.removeFirst() {
            start(transfer)
        }
    }

    private func start(_ transfer: Transfer) {
        let remaining = transfer.deadline - .now
        guard remaining > .zero else { return finish(transfer, .stopped(.timedOutWaiting)) }
        guard let slot = idleSlots.popLast() ?? newSlot() else { return finish(transfer, .outOfMemory) }
        let code = slot.prepare(transfer, totalTimeout: remaining)
        guard code == CURLE_OK, unsafe curl_multi_add_handle(loop.multi, slot.handle) == CURLM_OK else {
            return finish(transfer, slot.release(code == CURLE_OK ? CURLE_OUT_OF_MEMORY : code), returning: slot)
        }
        activeCount += 1
    }

    private func newSlot() -> TransferSlot? {
        let slot = TransferSlot(loop.settings)
        if let slot { slots.append(slot) }
        return slot
    }

    // MARK: Transferring

    private func transferUntilIdle() {
        repeat {
            startWaiting()
            var running: Int32 = 0
            unsafe curl_multi_perform(loop.multi, &running)
        } while collectFinished() > 0 && !waiting.isEmpty
    }

    private func collectFinished() -> Int {
        var count = 0
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(loop.multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let context = unsafe quittance_get_private(message.pointee.easy_handle)
            else { continue }
            // Read before the handle is removed: the message lives no longer.
            let code = unsafe quittance_result(message)
            let slot = unsafe Unmanaged<TransferSlot>.fromOpaque(context).takeUnretainedValue()
            complete(slot, code)
            count += 1
        }
        return count
    }

    private func abort(_ slot: TransferSlot, because stop: TransferResult.Stop) {
        slot.stop = stop
        complete(slot, CURLE_ABORTED_BY_CALLBACK)
    }

    private func complete(_ slot: TransferSlot, _ code: CURLcode) {
        guard let transfer = slot.transfer else { return }
        unsafe curl_multi_remove_handle(loop.multi, slot.handle)
        activeCount -= 1
        finish(transfer, slot.release(code), returning: slot)
    }

    private func finish(_ transfer: Transfer, _ result: TransferResult, returning slot: TransferSlot? = nil) {
        if let slot { idleSlots.append(slot) }
        finishedCount += 1
        transfer.finish(result)
    }

    // MARK: Sleeping and ending

    private func sleep() {
        let finished = finishedCount
        finishedCount = 0
        guard loop.fallAsleep(finished: finished) else { return }
        var limit = Duration.seconds(60)
        let now = ContinuousClock.now
        for deadline in [waiting.nextDeadline, endsBy] { if let deadline { limit = min(limit, deadline - now) } }
        unsafe curl_multi_poll(loop.multi, nil, 0, Int32(limit.milliseconds), nil)
    }

    private var hasToEnd: Bool {
        guard let endsBy else { return false }
        return activeCount == 0 && waiting.isEmpty || .now >= endsBy
    }

    private func end() {
        for slot in slots where slot.transfer != nil { abort(slot, because: .closed) }
        obeyCommands()
        for transfer in waiting.removeAll() { finish(transfer, .stopped(.closed)) }
        for slot in slots { slot.destroy() }
        loop.threadEnded()
    }
}

extension TransferResult {
    fileprivate static var outOfMemory: TransferResult { TransferResult(code: Int(CURLE_OUT_OF_MEMORY.rawValue)) }
}

extension Duration {
    /// Whole milliseconds, at least one and at most a day, as libcurl counts.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        // Rounded up: a time-out of nothing would mean none at all to libcurl.
        let whole = max(0, min(Int(clamping: seconds), 86_400)) * 1_000
        return max(1, whole + Int(attoseconds / 1_000_000_000_000_000) + 1)
    }
}
