import Metrics
import PaymentModel
import TransactionalMessaging

/// Counts the payments a person has to decide about (PAY-12).
///
/// They are counted anew, from the database: what was raised by a process that is gone still waits for somebody.
struct CountAlarms: Sendable {
    let store: PaymentStore

    func run() async throws {
        let waiting = try await store.database.read(organisation: nil) { transaction in
            try store.countAlarmed(in: &transaction)
        }
        Gauge(label: "quittance_payments_with_alarms").record(waiting)
    }
}
