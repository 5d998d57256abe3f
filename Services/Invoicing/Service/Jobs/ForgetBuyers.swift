import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Takes the buyer off documents of clients who were forgotten while the law wanted them kept, once it does not
/// (GEN-7).
struct ForgetBuyers: Sendable {
    let database: Database
    let parties = PartiesStore()

    func run() async throws {
        try await database.maintain(organisation: nil) { transaction in
            try transaction.execute(parties.forgetting("SELECT id FROM client WHERE erased_on IS NOT NULL"))
        }
    }
}
