/// The limits of a relay.
package struct RelaySettings: Sendable {
    /// How many rows of each shard are in flight at most.
    package var rowsPerShard: Int
    /// How often the outbox is looked at when nobody rings.
    package var pollInterval: Duration
    /// How often free shards are tried for, and how soon a dead leader's shards are taken over.
    package var leadershipInterval: Duration
    /// A claim older than this is sent only after the session was seen alive.
    package var claimAgeMax: Duration
    /// Rows the broker has not answered for within this time are late: the others no longer wait for them.
    package var patience: Duration
    /// The longest wait before a lost session is made anew: events wait no longer than that for a server that is back.
    package var outageWaitMax: Duration
    /// The longest wait of keys whose events the broker refused.
    package var backOffMax: Duration
    /// How often the outbox is measured.
    package var measureInterval: Duration
    /// For how many days to come the journal has its partitions.
    package var journalDaysAhead: Int
    /// For how many days what was published can be replayed.
    package var journalDaysKept: Int

    /// The defaults of a service.
    package init(
        rowsPerShard: Int = 400, pollInterval: Duration = .seconds(1), leadershipInterval: Duration = .seconds(1),
        claimAgeMax: Duration = .seconds(2), patience: Duration = .milliseconds(250),
        outageWaitMax: Duration = .seconds(2), backOffMax: Duration = .seconds(15),
        measureInterval: Duration = .seconds(5), journalDaysAhead: Int = 7, journalDaysKept: Int = 400
    ) {
        self.rowsPerShard = rowsPerShard
        self.pollInterval = pollInterval
        self.leadershipInterval = leadershipInterval
        self.claimAgeMax = claimAgeMax
        self.patience = patience
        self.outageWaitMax = outageWaitMax
        self.backOffMax = backOffMax
        self.measureInterval = measureInterval
        self.journalDaysAhead = journalDaysAhead
        self.journalDaysKept = journalDaysKept
    }
}
