import PostgresClient

/// Who relays which shard: whoever's session holds the shard's advisory lock.
///
/// A lock ends with its session, so a dead leader needs no time-out of ours to be replaced. What sits in the two
/// numbers of a lock: the schema's outbox, and the shard.
enum ShardLocks {
    private static let schema: SQL = "hashtext(current_schema() || '.outbox')"

    /// Takes what is free of these shards; answers which.
    static func take(_ shards: ShardSet, for session: PostgresSession) async throws -> ShardSet {
        let taken = try await session.query(
            """
            SELECT shard FROM unnest(\(shards.numbers.map(Int32.init))::integer[]) AS free (shard)
            WHERE pg_try_advisory_lock(\(schema), shard)
            """
        ) { row in try row("shard") as Int }
        return ShardSet(taken)
    }

    /// True while somebody waits for a shard: a rebuild, which must have them all, so all are handed over.
    static func areWanted(_ session: PostgresSession) async throws -> Bool {
        try await session.query(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND NOT granted AND objsubid = 2 AND classid::integer = \(schema)
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ) AS wanted
            """
        ) { row in try row("wanted") as Bool }.contains(true)
    }

    /// Gives shards back; the lock goes to whoever waits.
    static func release(_ shards: ShardSet, of session: PostgresSession) async throws {
        _ = try await session.query(
            """
            SELECT pg_advisory_unlock(\(schema), shard) FROM unnest(\(shards.numbers.map(Int32.init))::integer[])
                AS held (shard)
            """
        ) { _ in true }
    }

    /// Waits for one shard until the statement's time-out.
    static func await(_ shard: Int) -> SQL { "SELECT pg_advisory_lock(\(schema), \(Int32(shard)))" }
}
