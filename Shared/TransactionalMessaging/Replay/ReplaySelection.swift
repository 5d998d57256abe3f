package import PaymentModel
import PostgresClient

/// Which of the published and waiting events a replay takes; nothing said means all.
package struct ReplaySelection: Sendable, Hashable {
    /// Recorded at this moment or later.
    package var from: Instant?
    /// Recorded before this moment.
    package var to: Instant?
    /// Of these types, with their versions.
    package var types: Set<String>
    /// About this aggregate.
    package var subject: UInt128?

    /// Says what to take.
    package init(from: Instant? = nil, to: Instant? = nil, types: Set<String> = [], subject: UInt128? = nil) {
        self.from = from
        self.to = to
        self.types = types
        self.subject = subject
    }

    /// The condition on a row of the outbox or of the journal; dead letters are no events.
    var condition: SQL {
        """
        (\(from)::timestamptz IS NULL OR recorded_at >= \(from)) AND (\(to)::timestamptz IS NULL OR recorded_at < \(to))
        AND (\(types.isEmpty) OR type = ANY(\(types.sorted())::text[]))
        AND (\(subject)::uuid IS NULL OR subject = \(subject)) AND sequence > 0
        """
    }
}
