import PaymentModel
import PostgresClient

/// Everything that is kept sealed, of all organisations: keys of provider accounts, tokens of links.
struct SecretStore: Sendable {
    /// A secret with the row it is bound to.
    private struct Stored<ID: Identifier> {
        let id: ID
        let sealed: SealedText
    }

    let sealer: Sealer

    /// Seals anew what another key than the current one sealed, so many at most; answers how many.
    func resealAccountKeys(_ rows: Int, in transaction: inout PostgresTransaction) throws -> Int {
        let old: [Stored<ProviderAccountID>] = try transaction.query(
            """
            SELECT id, sealed_key AS bytes, sealed_with FROM provider_account WHERE sealed_with <> \(sealer.current)
            ORDER BY id LIMIT \(rows) FOR UPDATE SKIP LOCKED
            """, stored)
        for secret in old {
            let anew = try anew(secret)
            try transaction.execute(
                """
                UPDATE provider_account SET sealed_key = \(anew.bytes), sealed_with = \(anew.keyID)
                WHERE id = \(secret.id)
                """)
        }
        return old.count
    }

    /// The same for the tokens of links.
    func resealLinkTokens(_ rows: Int, in transaction: inout PostgresTransaction) throws -> Int {
        let old: [Stored<PaymentID>] = try transaction.query(
            """
            SELECT id, sealed_token AS bytes, sealed_with FROM payment WHERE sealed_with <> \(sealer.current)
            ORDER BY id LIMIT \(rows) FOR UPDATE SKIP LOCKED
            """, stored)
        for secret in old {
            let anew = try anew(secret)
            try transaction.execute(
                """
                UPDATE payment SET sealed_token = \(anew.bytes), sealed_with = \(anew.keyID) WHERE id = \(secret.id)
                """)
        }
        return old.count
    }

    private func anew<ID>(_ secret: Stored<ID>) throws -> SealedText {
        try sealer.seal(sealer.open(secret.sealed, of: secret.id), for: secret.id)
    }

    private func stored<ID: Identifier & PostgresDecodable>(_ row: Row) throws -> Stored<ID> {
        Stored(id: try row("id"), sealed: SealedText(bytes: try row("bytes"), keyID: try row("sealed_with")))
    }
}
