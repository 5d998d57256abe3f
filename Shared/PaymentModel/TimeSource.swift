/// What time it is; passed in, so that tests and simulations decide.
package struct TimeSource: Sendable {
    package let now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) { self.now = now }

    /// Time stands still.
    package static func fixed(_ instant: Instant) -> TimeSource { TimeSource { instant } }
}
