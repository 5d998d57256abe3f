import PostgresClient

/// Tells a message that ends its own connection from a server that is away.
///
/// After a first loss a connection of its own stands beside each further try. When that one lives on, so did the
/// server, and what was lost is the message's doing. When it is lost as well, the server went; a message in whose hands
/// that happens again and again, each time with a server that answered just before, is the cause of it after all.
struct LossWatch {
    /// So often a server that went away during a try is bad luck.
    private static let crashesMax = 10

    private let pool: PostgresPool
    private var isAlert = false
    private var witness: PostgresSession?
    private var crashes = 0

    init(_ pool: PostgresPool) { self.pool = pool }

    /// Before each try: calls the witness where one is needed; a server that cannot be reached gives none.
    mutating func prepare() async {
        if isAlert, witness == nil { witness = try? await pool.session() }
    }

    /// After a failed try: whether it was the try itself that ended its connection.
    mutating func isOwnDoing(_ error: any Error) async -> Bool {
        guard let error = error as? PostgresError, error.lostConnection else { return false }
        isAlert = true
        guard let witness else { return false }
        if await Self.lives(witness) { return true }
        await end()
        crashes += 1
        return crashes >= Self.crashesMax
    }

    /// Closes the witness's connection.
    mutating func end() async {
        await witness?.close(within: .zero)
        witness = nil
    }

    private static func lives(_ session: PostgresSession) async -> Bool {
        do {
            try await session.transaction { transaction in _ = try transaction.execute("SELECT 1") }
            return true
        } catch {
            return false
        }
    }
}
