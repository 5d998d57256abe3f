import Logging
import Observability
import PaymentModel
import TransactionalMessaging

/// Writes down what was said about payments that nothing changed since, as a second notification after the green light:
/// a sale's page shows it whichever process is asked (PAY-11).
struct WriteExchanges: Sendable {
    /// How long a line waits for a change of its payment to be written with.
    private static let patience = Duration.seconds(5)
    /// Payments of one transaction.
    private static let togetherMax = 200

    let store: PaymentStore
    let logger: Logger

    /// Answers whether much waited.
    func run() async throws -> Bool {
        let (now, isCrowded) = (store.time.now(), store.notes.isCrowded)
        try await write(before: now.adding(isCrowded ? .seconds(1) : .zero - Self.patience))
        let lost = store.notes.takeLost()
        if lost > 0 {
            logger.warning(
                "what was said to providers about many payments at once is not on their pages",
                metadata: [LogField.count: .stringConvertible(lost)])
        }
        return isCrowded
    }

    /// Nobody comes after the end of the process.
    func finish() async {
        do {
            try await write(before: store.time.now().adding(.seconds(1)))
        } catch {
            logger.warning(
                "what was said to providers last is not written down",
                metadata: [LogField.reason: .string(Secret.redacting("\(error)"))])
        }
    }

    private func write(before instant: Instant) async throws {
        while try await store.writeExchanges(before: instant, limit: Self.togetherMax) {}
    }
}
