package import PaymentModel
import PostgresClient
package import TransactionalMessaging

/// Compares this machine's clock with the database's before something is removed by its age.
///
/// A clock that has jumped forward would make the inbox forget what can still come again, and there is no way back.
package struct ClockCheck: Sendable {
    /// One of the clocks is wrong.
    package struct ClocksDiffer: Error, CustomStringConvertible {
        let seconds: Int64

        /// By how much they differ.
        package var description: String {
            "this machine's clock and the database's are \(seconds) s apart: nothing is removed until they agree"
        }
    }

    private static let secondsMax: Int64 = 60

    private let database: Database
    private let time: TimeSource

    /// Compares this clock with the database's.
    package init(database: Database, time: TimeSource) {
        self.database = database
        self.time = time
    }

    /// Throws when they are more than a minute apart.
    package func run() async throws {
        let theirs: [Instant] = try await database.pool.query("SELECT clock_timestamp() AS now") { row in
            try row("now")
        }
        guard let theirs = theirs.first else { return }
        let apart = abs(time.now().microsecondsSince1970 - theirs.microsecondsSince1970) / 1_000_000
        guard apart <= Self.secondsMax else { throw ClocksDiffer(seconds: apart) }
    }
}
