import PaymentModel
import PostgresClient
package import TransactionalMessaging

/// Looks for what breaks invariants on live data; it only reads.
package struct Doctor: Sendable {
    /// What was found of one invariant.
    package enum Finding: Sendable, Hashable {
        case holds
        /// With the first of what breaks it.
        case broken([String])
        /// Nobody knows whether it holds.
        case notChecked(because: String)
    }

    private let database: Database
    /// How many breaches of one invariant are named.
    private let namedMax: Int64

    /// A doctor of one schema.
    ///
    /// `limit` is what looking for breaches of one invariant may take: of millions of rows far more than a request's
    /// statement.
    package init(of database: Database, within limit: Duration, naming namedMax: Int64 = 20) {
        self.database = database.patient(within: limit)
        self.namedMax = namedMax
    }

    /// One that cannot be looked for, or not in time, keeps no other from being looked for.
    package func look(for invariant: Invariant) async -> Finding {
        do {
            let breaches: [String] = try await database.read(organisation: nil) { transaction in
                try transaction.query(
                    """
                    SELECT organisation::text, breach::text FROM (\(invariant.breaches)) AS broken
                    ORDER BY organisation, breach LIMIT \(namedMax)
                    """
                ) { row in "\(try row("organisation") as String): \(try row("breach") as String)" }
            }
            return breaches.isEmpty ? .holds : .broken(breaches)
        } catch {
            return .notChecked(because: "\(error)")
        }
    }
}
