/// How to reach the brokers, the same for producers, consumers and administration.
package struct KafkaSettings: Sendable {
    /// How the connection is protected and who we say we are.
    package enum Security: Sendable, Equatable {
        /// Neither encrypted nor authenticated: loopback and private networks only.
        case plaintext
        /// Encrypted; the brokers' certificates are checked against the file, or the system's when nil.
        case tls(certificateAuthority: String?)
        /// Name and password by challenge and response.
        case saslScram(user: String, password: String, mechanism: ScramMechanism, tls: Encryption)
    }

    /// Whether SASL runs inside TLS.
    package enum Encryption: Sendable, Equatable {
        /// Unencrypted: the password is safe, the records are not.
        case none
        /// Encrypted; nil means the system's certificate authorities.
        case verified(certificateAuthority: String?)
    }

    /// The hash the broker's SCRAM users were made with.
    package enum ScramMechanism: String, Sendable, CaseIterable {
        /// SCRAM-SHA-256.
        case sha256 = "SCRAM-SHA-256"
        /// SCRAM-SHA-512.
        case sha512 = "SCRAM-SHA-512"
    }

    /// Comma-separated `host:port` of some brokers; the others are found through them.
    package var bootstrapServers: String
    /// Our name in the brokers' logs and quotas.
    package var clientID: String
    /// How the connection is protected.
    package var security: Security
    /// Further librdkafka properties; those our promises rest on are refused.
    package var properties: [String: String]
    /// How long a record may wait for its acknowledgement before it is given up.
    package var deliveryTimeout: Duration
    /// How long a member may be silent before the group gives its partitions away.
    package var sessionTimeout: Duration
    /// The longest a revoked partition is held back while its work in hand is finished.
    package var revokeWaitMax: Duration
    /// How often the library's statistics become metrics; nil turns them off.
    package var statisticsInterval: Duration?

    /// Names the brokers; the rest has defaults that suit production.
    package init(
        bootstrapServers: String, clientID: String, security: Security = .plaintext,
        properties: [String: String] = [:], deliveryTimeout: Duration = .seconds(120),
        sessionTimeout: Duration = .seconds(10), revokeWaitMax: Duration = .seconds(30),
        statisticsInterval: Duration? = .seconds(10)
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.security = security
        self.properties = properties
        self.deliveryTimeout = deliveryTimeout
        self.sessionTimeout = sessionTimeout
        self.revokeWaitMax = revokeWaitMax
        self.statisticsInterval = statisticsInterval
    }
}
