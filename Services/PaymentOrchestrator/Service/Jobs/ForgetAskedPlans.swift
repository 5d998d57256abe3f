import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Forgets which plans providers were asked about where no payment came of it (PAY-11).
struct ForgetAskedPlans: Sendable {
    let store: PaymentStore

    func run() async throws {
        let forgetting = store.exchanges.forgetting(at: store.time.now())
        try await store.database.maintain(organisation: nil) { transaction in transaction.executeLater(forgetting) }
    }
}
