import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Compares this machine's clock with the database's before something is removed by its age.
///
/// A clock that has jumped forward would make the inbox forget what can still come again, and there is no way back.
struct ClockCheck: Sendable {
    struct ClocksDiffer: Error, CustomStringConvertible {
        let seconds: Int64

        var description: String {
            "this machine's clock and the database's are \(seconds) s apart: nothing is removed until they agree"
        }
    }

    private static let secondsMax: Int64 = 60

    let database: Database
    let time: TimeSource

    func run() async throws {
        let theirs: [Instant] = try await database.pool.query("SELECT clock_timestamp() AS now") { row in
            try row("now")
        }
        guard let theirs = theirs.first else { return }
        let apart = abs(time.now().microsecondsSince1970 - theirs.microsecondsSince1970) / 1_000_000
        guard apart <= Self.secondsMax else { throw ClocksDiffer(seconds: apart) }
    }
}
