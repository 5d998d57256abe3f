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
    /// What one may take: large books take longer than a request may.
    private static let timeMax: Duration = .seconds(600)

    func run() async throws {
        let doctor = Doctor(of: database, within: Self.timeMax, naming: Self.countedMax)
        for invariant in invariants {
            let breaches: [String]
            switch await doctor.look(for: invariant) {
            case .holds: breaches = []
            case .broken(let named): breaches = named
            case .notChecked(let reason):
                // The gauge keeps what was seen last.
                logger.error(
                    "an invariant of the books could not be checked",
                    metadata: [LogField.reason: "\(invariant.name): \(reason)"])
                continue
            }
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
