import HTTPServer
import Synchronization
import TransactionalMessaging

/// Whether a worker can send: it takes messages, and some gateway is not left alone (NOT-11).
///
/// One that cannot is not to be counted on by whoever starts and stops workers; it goes on trying all the same.
package final class WorkerReadiness: Sendable {
    private let database: Database
    private let gateways: [String]
    private let accounts: GatewayAccountStore
    /// Nil until the first: a worker that has only begun is not to be counted on.
    private let lastLook = Mutex<ContinuousClock.Instant?>(nil)
    private let silenceMax: Duration

    /// After so long without a look at what waits a worker is stuck that looks this often while it is idle.
    package static func silenceMax(lookingEvery time: Duration) -> Duration { max(.seconds(30), time * 3) }

    /// `gateways` are those for SMS.
    init(database: Database, gateways: [String], accounts: GatewayAccountStore, lookEvery: Duration) {
        self.database = database
        self.gateways = gateways
        self.accounts = accounts
        silenceMax = Self.silenceMax(lookingEvery: lookEvery)
    }

    /// The worker has looked for messages and the database has answered.
    func noteLook() { lastLook.withLock { $0 = .now } }

    var checks: [HealthChecks.Check] {
        [
            HealthChecks.Check("takes messages") { [self] in lookOutcome },
            HealthChecks.Check("gateways") { [self] in await gatewaysOutcome() },
        ]
    }

    private var lookOutcome: HealthChecks.Outcome {
        guard let look = lastLook.withLock({ $0 }) else { return .unwell("No messages were looked for yet.") }
        return look.duration(to: .now) < silenceMax
            ? .well : .unwell("No messages could be taken for \(silenceMax).")
    }

    private func gatewaysOutcome() async -> HealthChecks.Outcome {
        do {
            let resting = try await database.read(organisation: nil) { [accounts] transaction in
                try accounts.resting(in: &transaction)
            }
            return gateways.allSatisfy(resting.contains)
                ? .unwell("Calls to every gateway for SMS fail, so all are left alone.") : .well
        } catch {
            return .unwell("The database did not say which gateways work.")
        }
    }
}
