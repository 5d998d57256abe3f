import HTTPServer
import Synchronization
import TransactionalMessaging

/// Whether a worker can send: it takes messages, and some gateway is not left alone (NOT-11).
///
/// One that cannot is not to be counted on by whoever starts and stops workers; it goes on trying all the same.
final class WorkerReadiness: Sendable {
    private let database: Database
    private let gateways: [String]
    private let accounts: GatewayAccountStore
    /// Nil until the first: a worker that has only begun is not to be counted on.
    private let lastLook = Mutex<ContinuousClock.Instant?>(nil)
    /// After so long without a look at what waits it is stuck.
    private static let silenceMax = Duration.seconds(30)

    /// `gateways` are those for SMS.
    init(database: Database, gateways: [String], accounts: GatewayAccountStore) {
        self.database = database
        self.gateways = gateways
        self.accounts = accounts
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
        return look.duration(to: .now) < Self.silenceMax
            ? .well : .unwell("No messages could be taken for \(Self.silenceMax).")
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
