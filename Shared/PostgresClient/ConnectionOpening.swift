import CPostgres

extension Connection {
    /// Connects within the time limit; the interrupt ends the attempt.
    static func open(_ settings: PostgresSettings, interrupt: Interrupt) throws(PostgresError) -> Connection {
        let deadline = ContinuousClock.now + settings.connectTimeout
        let places = try settings.places(until: deadline, interrupt: interrupt)
        guard let raw = unsafe start(settings.parameters(at: places)) else {
            throw PostgresError(.connection, "libpq has no memory for a connection")
        }
        let connection = unsafe Connection(raw: raw, settings: settings, interrupt: interrupt)
        // Notices would be written to the standard error stream otherwise.
        unsafe PQsetNoticeProcessor(raw, { _, _ in }, nil)
        try connection.completeOpening(until: deadline)
        guard unsafe PQsetnonblocking(raw, 1) == 0, unsafe PQenterPipelineMode(raw) == 1 else {
            throw connection.lose()
        }
        return connection
    }

    private static func start(_ parameters: [(name: String, value: String)]) -> OpaquePointer? {
        let texts = ByteBuffer()
        var offsets: [(name: Int, value: Int)] = []
        for parameter in parameters {
            let name = texts.count
            texts.append(parameter.name)
            texts.append(0 as UInt8)
            let value = texts.count
            texts.append(parameter.value)
            texts.append(0 as UInt8)
            offsets.append((name, value))
        }
        let names = unsafe offsets.map { unsafe texts.pointer(at: $0.name) } + [nil]
        let values = unsafe offsets.map { unsafe texts.pointer(at: $0.value) } + [nil]
        return unsafe withExtendedLifetime(texts) { unsafe PQconnectStartParams(names, values, 0) }
    }

    private func completeOpening(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        // Before the first poll libpq wants to be treated as if it had asked to write.
        var step = PGRES_POLLING_WRITING
        while step != PGRES_POLLING_OK {
            guard unsafe PQstatus(raw) != CONNECTION_BAD, step != PGRES_POLLING_FAILED else { throw openingFailure() }
            let left = deadline - .now
            guard left > .zero else { throw lose(.connection, "the server did not answer within the connect time-out") }
            let ready = unsafe qpg_wait_connecting(
                PQsocket(raw), step == PGRES_POLLING_WRITING ? 1 : 0, interrupt.descriptor,
                Int32(clamping: left.milliseconds))
            if ready > 0, ready & QPG_READY_WAKE != 0 {
                _ = lose(.cancelled, "")
                throw PostgresError(.cancelled, "cancelled while connecting")
            }
            if ready > 0 { step = unsafe PQconnectPoll(raw) }
        }
    }

    /// Why the server did not let us in; the address is in the message, the password never is.
    private func openingFailure() -> PostgresError { lose() }
}
