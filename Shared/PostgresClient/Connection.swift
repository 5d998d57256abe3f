import CPostgres

/// One connection to the server, used by one thread at a time and always in libpq's pipeline mode.
///
/// Every exchange sends all that is queued with one synchronisation point and reads the answers up to it, so a
/// statement that is prepared, executed and preceded by `BEGIN` still costs one round trip.
/// Safe: owns its `PGconn`, closes it once; not `Sendable`, so it cannot leave the thread that made it.
@safe
final class Connection {
    let raw: OpaquePointer
    let settings: PostgresSettings
    let interrupt: Interrupt
    let frame = ParameterFrame()
    var statements: StatementCache
    var expected: [Expected] = []
    var answers: [ResultSet] = []
    /// Set when the prepared statements on the server are no longer what we think.
    var statementsAreStale = false
    /// The transaction of the body that runs now.
    var transaction = TransactionState()
    /// A commit is not interrupted: its outcome would be unknown for nothing.
    var isInterruptible = true
    /// What was sent since it was last counted.
    private var traffic = Traffic()
    private(set) var isLost = false
    private(set) var isCancelRequested = false
    private var deadline = ContinuousClock.now
    private var lastUse = ContinuousClock.now
    /// A connection used so recently is not looked at: that costs a call of the system per transaction.
    private static let recently = Duration.milliseconds(20)

    /// What one answer of the server is for.
    enum Expected {
        case prepared(String, [PostgresValue])
        case wanted
        case checked
        /// Sent without waiting; the next exchange reads past it.
        case unheeded
        case synchronised
    }

    init(raw: OpaquePointer, settings: PostgresSettings, interrupt: Interrupt) {
        unsafe self.raw = raw
        self.settings = settings
        self.interrupt = interrupt
        statements = StatementCache(capacity: settings.preparedStatementsMax)
    }

    deinit { unsafe PQfinish(raw) }

    /// False when the next body must not run here: the connection is gone, or a cancel request may still hit it.
    var isReusable: Bool { !isLost && !isCancelRequested }

    /// Looks whether the server hung up while the connection was idle.
    func isStillOpen() -> Bool {
        guard isReusable else { return false }
        guard .now - lastUse > Self.recently else { return true }
        guard unsafe qpg_wait(PQsocket(raw), 0, -1, 0) != 0 else { return true }
        // The first read may bring a farewell, only the second one the end of the stream.
        return unsafe PQconsumeInput(raw) == 1 && PQconsumeInput(raw) == 1 && PQstatus(raw) == CONNECTION_OK
    }

    func noteStatement() { traffic.statements += 1 }

    func noteRoundTrip() { traffic.roundTrips += 1 }

    /// What was sent since the last call.
    func takeTraffic() -> Traffic {
        defer { traffic = Traffic() }
        return traffic
    }

    /// Starts the time limit of an exchange of so many statements.
    func startDeadline(statements count: Int) {
        let limit = transaction.options.statementTimeout ?? settings.statementTimeout
        lastUse = .now
        deadline = lastUse + limit * count + settings.silenceGrace
    }

    /// Waits until the server has something for us or, when asked, takes more from us.
    func wait(toWrite: Bool) throws(PostgresError) {
        while true {
            let left = deadline - .now
            guard left > .zero else { throw lose(.timeout, "the server stayed silent for longer than the time limit") }
            let wake = isInterruptible && !isCancelRequested ? interrupt.descriptor : -1
            let milliseconds = Int32(clamping: left.milliseconds)
            let ready = unsafe qpg_wait(PQsocket(raw), toWrite ? 1 : 0, wake, milliseconds)
            guard ready >= 0 else { throw lose(.connection, "waiting for the server failed") }
            if ready & QPG_READY_WAKE != 0 { requestCancel() }
            if ready & QPG_READY_SOCKET != 0 { return }
        }
    }

    /// Asks the server, over a connection of its own, to stop what it does for us.
    ///
    /// On another thread, since libpq offers it as a blocking call only and a frozen server never answers it.
    private func requestCancel() {
        isCancelRequested = true
        deadline = min(deadline, .now + settings.silenceGrace)
        guard let request = unsafe PQgetCancel(raw) else { return }
        let handle = unsafe CancelHandle(request)
        startThread(named: "pg-cancel") { handle.send() }
    }

    /// Marks the connection as gone and says why.
    func lose(_ kind: PostgresError.Kind, _ reason: String) -> PostgresError {
        isLost = true
        if isCancelRequested { return PostgresError(.cancelled, "cancelled; the server did not confirm in time") }
        // The server's own farewell says more than the end of the stream.
        if let farewell = transaction.failure, farewell.kind == .connection { return farewell }
        let error = PostgresError(kind, reason)
        if transaction.failure == nil { transaction.failure = error }
        return error
    }

    /// Marks the connection as gone, with libpq's reason.
    func lose() -> PostgresError {
        let text = unsafe PQerrorMessage(raw).map { unsafe String(cString: $0) } ?? ""
        let firstLine = text.split(separator: "\n").first.map(String.init) ?? "the connection was lost"
        return lose(.connection, firstLine)
    }
}

/// A cancel request on its way.
///
/// Unchecked: made by one thread, handed to another, used once there; libpq's object shares nothing with the
/// connection.
@safe
private final class CancelHandle: @unchecked Sendable {
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe PQfreeCancel(raw) }

    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(raw, &reason, Int32(reason.count))
    }
}
