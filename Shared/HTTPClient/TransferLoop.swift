import CCurl
import Glibc
import Synchronization

/// The door between tasks and the one thread that owns all connections.
///
/// `@unchecked Sendable`: `multi` never changes, and only `curl_multi_wakeup`, made for other threads, is called on
/// it here.
@safe final class TransferLoop: @unchecked Sendable {
    enum Command {
        case start(Transfer)
        case cancel(Transfer)
        case close(by: ContinuousClock.Instant)
    }

    private struct Inbox {
        var commands: [Command] = []
        var unfinished = 0
        var isAsleep = false
        var isClosed = false
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    let settings: TransferSettings
    let multi: UnsafeMutableRawPointer
    private let inbox = Mutex(Inbox())
    private let isFreed = Mutex(false)

    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(_ settings: TransferSettings) {
        guard Self.libraryIsReady, let multi = unsafe curl_multi_init() else {
            preconditionFailure("libcurl cannot start: out of memory")
        }
        self.settings = settings
        unsafe self.multi = multi
        startThread()
    }

    /// Runs one transfer; cancelling the task ends it.
    func run(_ plan: TransferPlan) async -> TransferResult {
        let transfer = Transfer(plan)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                submit(transfer)
            }
        } onCancel: {
            post(.cancel(transfer))
        }
    }

    private func submit(_ transfer: Transfer) {
        let (refusal, mustWake) = inbox.withLock { inbox -> (TransferResult.Stop?, Bool) in
            if inbox.isClosed { return (.closed, false) }
            if inbox.unfinished >= settings.concurrentMax + settings.waitingMax { return (.tooManyWaiting, false) }
            inbox.unfinished += 1
            inbox.commands.append(.start(transfer))
            defer { inbox.isAsleep = false }
            return (nil, inbox.isAsleep)
        }
        if let refusal { transfer.finish(.stopped(refusal)) }
        if mustWake { wake() }
    }

    private func post(_ command: Command) {
        let mustWake = inbox.withLock { inbox in
            if inbox.hasEnded { return false }
            inbox.commands.append(command)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { wake() }
    }

    /// The thread frees `multi` as it ends; the lock keeps that from happening under a waker.
    private func wake() {
        isFreed.withLock { isFreed in
            if !isFreed { unsafe _ = curl_multi_wakeup(multi) }
        }
    }

    // MARK: Ending

    /// Takes nothing more and ends once what is on the wire is done, or after the limit.
    func close(within limit: Duration) async {
        stop(within: limit)
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.waitingForEnd.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// The same without waiting for it.
    func stop(within limit: Duration) {
        inbox.withLock { $0.isClosed = true }
        post(.close(by: .now + limit))
    }

    // MARK: For the thread

    /// Hands over what arrived; `buffer` is emptied and its memory used again.
    func take(into buffer: inout [Command], finished: Int) {
        buffer.removeAll(keepingCapacity: true)
        inbox.withLock { inbox in
            inbox.isAsleep = false
            inbox.unfinished -= finished
            swap(&inbox.commands, &buffer)
        }
    }

    /// Whether nothing arrived meanwhile; from then on a submission wakes the thread.
    func fallAsleep(finished: Int) -> Bool {
        inbox.withLock { inbox in
            inbox.unfinished -= finished
            inbox.isAsleep = inbox.commands.isEmpty
            return inbox.isAsleep
        }
    }

    func threadEnded() {
        isFreed.withLock { isFreed in
            isFreed = true
            unsafe _ = curl_multi_cleanup(multi)
        }
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.commands = []
            defer { inbox.waitingForEnd = [] }
            return inbox.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    private func startThread() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue()
                TransferThread(loop).run()
                return nil
            }, context)
        precondition(status == 0, "no thread for the client")
        pthread_detach(thread)
    }
}
