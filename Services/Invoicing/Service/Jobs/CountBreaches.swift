import Logging
import Metrics
import Observability
import ServiceRuntime
import TransactionalMessaging

/// Counts what breaks the invariants of money, for the alert; `invoicing verify-books` names it (INV-9).
struct CountBreaches: Sendable {
    let database: Database
    let invariants: [Invariant]
    let logger: Logger

    /// Of one invariant; there is somebody to call from the first on.
    private static let countedMax: Int64 = 100

    func run() async throws {
        for invariant in invariants {
            let breaches = try await invariant.look(in: database, naming: Self.countedMax)
            Gauge(label: "quittance_books_breaches", dimensions: [("invariant", invariant.name)])
                .record(breaches.count)
            guard let first = breaches.first else { continue }
            logger.error(
                "the books are broken",
                metadata: [
                    LogField.reason: "\(invariant.name): \(first)", LogField.count: "\(breaches.count)",
                    LogField.remedy: "ask invoicing verify-books for all of it",
                ])
        }
    }
}
