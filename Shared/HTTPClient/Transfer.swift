import CCurl

/// One transfer on its way from the task that waits to the loop's thread and back.
///
/// `@unchecked Sendable`: written by the task before it is submitted, then by the loop's thread only.
final class Transfer: @unchecked Sendable {
    let plan: TransferPlan
    let deadline: ContinuousClock.Instant
    /// Resumed exactly once, by the loop: a second time would end the process with the name of the waiting function.
    var continuation: CheckedContinuation<TransferResult, Never>?
    var slot: TransferSlot?
    var isCancelled = false

    init(_ plan: TransferPlan) {
        self.plan = plan
        deadline = .now + plan.totalTimeout
    }

    var isFinished: Bool { continuation == nil }

    func finish(_ result: TransferResult) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: result)
    }
}
