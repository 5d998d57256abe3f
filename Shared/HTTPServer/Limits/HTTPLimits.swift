/// Everything a request may use up; each of them has an end.
package struct HTTPLimits: Sendable {
    /// Bytes of a body, unless the route says otherwise.
    package var bodyBytesMax = 1_048_576

    /// Bytes of all headers and the request line.
    package var headerBytesMax = 32_768

    /// Time for receiving and answering a request, unless the route says otherwise.
    package var timeMax: Duration = .seconds(30)

    /// Requests being worked on at once; more are told to come back.
    ///
    /// A request counts from when its body has arrived, so that senders who take their time take no place of those who
    /// don't; probes never count, since a full service is not a broken one.
    package var requestsMax = 512

    /// Bodies of known callers on their way in at once.
    package var bodiesMax = 512

    /// Bodies of callers without a token on their way in at once: strangers take no place of known callers.
    ///
    /// How many of these places and of ``connectionsMax`` one address may take is the proxy's to say, which alone
    /// knows the address.
    package var strangersBodiesMax = 256

    /// Time for the body of a caller without a token to arrive.
    package var strangersBodyTimeMax: Duration = .seconds(5)

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
