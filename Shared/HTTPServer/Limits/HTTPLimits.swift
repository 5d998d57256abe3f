/// Everything a request may use up; each of them has an end.
package struct HTTPLimits: Sendable {
    /// Bytes of a body, unless the route says otherwise.
    package var bodyBytesMax = 1_048_576

    /// Bytes of all headers and the request line.
    package var headerBytesMax = 32_768

    /// Time for receiving and answering a request, unless the route says otherwise.
    package var timeMax: Duration = .seconds(30)

    /// Requests being worked on at once; more are told to come back.
    package var requestsMax = 512

    /// Live streams open at once.
    package var streamsMax = 1_000

    /// Time between signs of life on a live stream.
    package var heartbeat: Duration = .seconds(15)

    /// Time after which a connection without a request is closed.
    package var idleMax: Duration = .seconds(75)

    /// Connections open at once.
    package var connectionsMax = 4_096

    /// The defaults.
    package init() {}
}
