package import PaymentModel
import PostgresClient

/// The dead letters of a service, for the people who settle them.
package struct DeadLetters: Sendable {
    let database: Database
    let consumers: [String: Consumer]

    /// The letters of these consumers, with the handlers to retry them.
    package init(_ database: Database, consumers: [Consumer]) {
        self.database = database
        self.consumers = Dictionary(consumers.map { ($0.group, $0) }) { first, _ in first }
    }

    /// Letters in the order of their arrival; those of one organisation, or all of them for nil.
    package func list(
        states: Set<DeadLetter.State> = [.parked, .held], consumer: String? = nil,
        organisation: OrganisationID? = nil, limit: Int = 100
    ) async throws -> [DeadLetter] {
        try await database.read(organisation: organisation) { transaction in
            try transaction.query(
                """
                SELECT \(DeadLetter.columns) FROM dead_letter
                WHERE state = ANY(\(states.map(\.rawValue))::text[])
                    AND (\(consumer)::text IS NULL OR consumer = \(consumer))
                    AND (\(organisation)::uuid IS NULL OR organisation = \(organisation))
                ORDER BY arrival LIMIT \(limit)
                """, DeadLetter.init)
        }
    }

    /// One letter, or nil when there is none of that name.
    package func show(_ id: DeadLetterID, organisation: OrganisationID? = nil) async throws -> DeadLetter? {
        try await database.read(organisation: organisation) { transaction in
            try transaction.first(
                """
                SELECT \(DeadLetter.columns) FROM dead_letter
                WHERE id = \(id) AND (\(organisation)::uuid IS NULL OR organisation = \(organisation))
                """, DeadLetter.init)
        }
    }

    /// Settles a letter without handling it, then lets those held behind it go on.
    ///
    /// The reason is kept with the name of who gave it.
    @discardableResult
    package func discard(_ id: DeadLetterID, by person: String, because reason: String) async throws -> RetryOutcome {
        let letter = try await database.pool.transaction(.readWrite.seeing(nil)) { transaction in
            // Whoever holds a later message of the key at this moment must see the letter open or settled, not both.
            try OpenLetters.lockKey(of: id, in: &transaction)
            return try transaction.first(
                """
                UPDATE dead_letter SET state = 'discarded', settled_at = now(), settled_by = \(person),
                    settled_because = \(reason)
                WHERE id = \(id) AND state IN ('parked', 'held')
                RETURNING \(DeadLetter.columns)
                """, DeadLetter.init)
        }
        guard let letter else { return .nothingOpen }
        guard consumers[letter.consumer]?.order == .holdKey else {
            return .handled(count: 0)
        }
        return try await handleOpen(ofKeyOf: letter, by: person, unlessParked: true)
    }
}
