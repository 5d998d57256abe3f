import CCurl

/// One transfer on its way from the task that waits to the loop's thread and back.
///
/// `@unchecked Sendable`: written by the task before it is submitted, then by the loop's thread only.
@safe final class Transfer: @unchecked Sendable {
    let plan: TransferPlan
    let deadline: ContinuousClock.Instant
    /// Resumed exactly once, by the loop.
    var continuation: UnsafeContinuation<TransferResult, Never>?
    var slot: TransferSlot?
    var isCancelled = false

    init(_ plan: TransferPlan) {
        self.plan = plan
        deadline = .now + plan.totalTimeout
    }

    var isFinished: Bool { unsafe continuation == nil }

    func finish(_ result: TransferResult) {
        let waiting = unsafe continuation
        unsafe continuation = nil
        unsafe waiting?.resume(returning: result)
    }
}
