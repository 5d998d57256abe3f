package import Observability

/// How a client reaches the world, and every limit it keeps.
package struct HTTPClientSettings: Sendable {
    /// How connections are made.
    package enum Route: Sendable, Hashable {
        /// Straight to whatever address the name resolves to.
        case direct
        /// Straight, but only to public addresses; for URLs that come from outside.
        ///
        /// The address is checked as the socket is opened, so a name that resolves anew to a private one is caught.
        case directToPublicAddressesOnly
        /// Through an HTTP proxy, such as `http://proxy.internal:3128`; the environment's is never used.
        ///
        /// A secret, because it may hold a password.
        case proxy(Secret)
    }

    /// How connections are made.
    package var route = Route.direct
    /// A file of PEM certificates to trust instead of the system's.
    package var trustedCertificates: String?
    /// How long name resolution, connection and TLS may take together.
    package var connectTimeout = Duration.seconds(5)
    /// How long a request may take, waiting for a free connection included.
    package var totalTimeout = Duration.seconds(15)
    /// The longest body taken from a server.
    package var responseBytesMax = 1 << 20
    /// How many requests are on the wire at once; the others wait.
    package var concurrentRequestsMax = 64
    /// How many requests may wait; one more is refused at once.
    package var waitingRequestsMax = 1_000
    /// A connection idle for longer is not used again.
    ///
    /// Shorter than servers' usual limits: a request that meets a closing connection has an unknown outcome.
    package var idleConnectionAgeMax = Duration.seconds(20)
    /// What we call ourselves.
    package var userAgent = "quittance"

    /// The limits above, direct connections, the system's certificates.
    package init() {}
}
