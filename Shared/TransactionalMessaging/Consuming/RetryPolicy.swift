/// How patient a consumer is.
package struct RetryPolicy: Sendable {
    /// How often a message is handled before it is parked.
    package var triesMax: Int
    /// The wait after the first failure; each further one is four times as long.
    package var firstWait: Duration
    /// No wait between tries is longer.
    package var waitMax: Duration
    /// The longest wait between looks at a database that is away; these do not count as tries.
    package var outageWaitMax: Duration
    /// How many messages share a transaction at most.
    package var batchMax: Int
    /// How many messages may wait in memory for their turn; with more, the next stay in their topics until it comes.
    package var waitingMax: Int

    /// The defaults of a service: four tries within three seconds.
    package init(
        triesMax: Int = 4, firstWait: Duration = .milliseconds(100), waitMax: Duration = .seconds(5),
        outageWaitMax: Duration = .seconds(2), batchMax: Int = 500, waitingMax: Int = 10_000
    ) {
        self.triesMax = triesMax
        self.firstWait = firstWait
        self.waitMax = waitMax
        self.outageWaitMax = outageWaitMax
        self.batchMax = batchMax
        self.waitingMax = waitingMax
    }

    func wait(afterTry number: Int) -> Duration { Self.wait(firstWait, afterTry: number, atMost: waitMax) }

    func outageWait(afterTry number: Int) -> Duration {
        Self.wait(.milliseconds(50), afterTry: number, atMost: outageWaitMax)
    }

    static func wait(_ first: Duration, afterTry number: Int, atMost limit: Duration) -> Duration {
        (1..<max(1, min(number, 10))).reduce(first) { wait, _ in min(wait * 4, limit) }
    }
}
