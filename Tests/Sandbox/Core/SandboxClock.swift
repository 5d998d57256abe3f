import FoundationEssentials

/// The simulated world's time: the machine's, moved or frozen by the control API.
struct SandboxClock: Sendable {
    var offsetSeconds: Int64 = 0
    var frozenAt: Int64?

    /// Unix seconds; the only place of the sandbox that reads the machine's clock.
    var now: Int64 { frozenAt ?? Int64(Date.now.timeIntervalSince1970.rounded(.down)) + offsetSeconds }

    var today: CivilDate { CivilDate(unixSeconds: now) }

    mutating func advance(seconds: Int64) {
        if let frozenAt { self.frozenAt = frozenAt + seconds } else { offsetSeconds += seconds }
    }
}
