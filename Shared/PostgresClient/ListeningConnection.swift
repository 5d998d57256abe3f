import CPostgres

/// The connection of a listener: it waits without a time limit and is woken by the server or by the interrupt.
final class ListeningConnection {
    private let connection: Connection

    init(_ settings: PostgresSettings, _ interrupt: Interrupt) throws(PostgresError) {
        connection = try Connection.open(settings, interrupt: interrupt)
        // A wake-up means that the channels changed, not that the server should stop.
        connection.isInterruptible = false
        guard unsafe PQexitPipelineMode(connection.raw) == 1 else { throw connection.lose() }
    }

    /// Says `LISTEN` or `UNLISTEN` for a channel.
    func say(_ verb: String, _ channel: String) throws(PostgresError) {
        let doubled = channel.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        connection.startDeadline(statements: 1)
        guard unsafe PQsendQuery(connection.raw, "\(verb) \"\(doubled)\"") == 1 else { throw connection.lose() }
        try connection.flush()
        while let result = try connection.nextResult() {
            guard unsafe PQresultStatus(result.raw) == PGRES_COMMAND_OK else { throw connection.error(of: result) }
        }
    }

    /// What has arrived, waiting for it; nothing when the interrupt woke us.
    func next() throws(PostgresError) -> [(channel: String, payload: String)] {
        while true {
            let arrived = notifications()
            guard arrived.isEmpty else { return arrived }
            let interrupt = connection.interrupt
            let ready = unsafe qpg_wait(PQsocket(connection.raw), 0, interrupt.descriptor, -1)
            guard ready >= 0 else { throw connection.lose(.connection, "waiting for notifications failed") }
            if ready & QPG_READY_WAKE != 0 {
                interrupt.reset()
                return []
            }
            guard unsafe PQconsumeInput(connection.raw) == 1 else { throw connection.lose() }
        }
    }

    private func notifications() -> [(channel: String, payload: String)] {
        var list: [(channel: String, payload: String)] = []
        while let notification = unsafe PQnotifies(connection.raw) {
            unsafe list.append(
                (String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)))
            unsafe PQfreemem(notification)
        }
        return list
    }
}
