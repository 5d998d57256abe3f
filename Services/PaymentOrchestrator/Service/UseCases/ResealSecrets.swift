import Logging
import Metrics
import Observability
import PostgresClient
import TransactionalMessaging

/// Seals anew with the current key what an older one sealed, so that the older one can be taken away (PAY-1).
struct ResealSecrets: Sendable {
    /// What one run may do of each kind; the rest waits for the next.
    private static let batchesMax = 200
    private static let batchRows = 500

    let database: Database
    let secrets: SecretStore
    let logger: Logger

    func run() async throws {
        let secrets = secrets
        let rows = ResealSecrets.batchRows
        let keys = try await all { transaction in try secrets.resealAccountKeys(rows, in: &transaction) }
        let tokens = try await all { transaction in try secrets.resealLinkTokens(rows, in: &transaction) }
        guard keys + tokens > 0 else { return }
        Counter(label: "quittance_secrets_resealed").increment(by: keys + tokens)
        logger.notice("secrets were sealed anew", metadata: [LogField.count: .stringConvertible(keys + tokens)])
    }

    private func all(_ batch: @escaping @Sendable (inout PostgresTransaction) throws -> Int) async throws -> Int {
        var total = 0
        for _ in 0..<ResealSecrets.batchesMax {
            let count = try await database.maintain(organisation: nil, batch)
            total += count
            guard count == ResealSecrets.batchRows else { break }
        }
        return total
    }
}
