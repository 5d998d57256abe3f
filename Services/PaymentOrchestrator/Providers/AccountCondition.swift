package import PaymentModel

/// How the calls of one account at a provider fare, PAY-13.
package struct AccountCondition: Hashable, Sendable {
    /// Calls that failed since the last one that worked.
    package let failuresInARow: Int
    /// Until when the provider is not asked at all; `nil` while it is.
    package let brokenUntil: Instant?
    /// Whether the provider turned the account's key away when it was last asked.
    package let isKeyRefused: Bool
    /// Calls on the wire.
    package let running: Int
    /// Calls that wait for their turn.
    package let waiting: Int

    /// The condition of one account.
    package init(
        failuresInARow: Int, brokenUntil: Instant?, isKeyRefused: Bool = false, running: Int, waiting: Int
    ) {
        self.failuresInARow = failuresInARow
        self.brokenUntil = brokenUntil
        self.isKeyRefused = isKeyRefused
        self.running = running
        self.waiting = waiting
    }
}
