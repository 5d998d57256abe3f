import HTTPServer
package import Observability

/// The settings every service has.
package enum StandardSettings {
    // MARK: HTTP

    /// Address to listen on.
    package static let httpHost = Setting.string(
        "QUITTANCE_HTTP_HOST", "Address to listen on; 0.0.0.0 for all of them.", default: "127.0.0.1")
    /// Time for one request.
    package static let requestTimeMax = Setting.duration(
        "QUITTANCE_REQUEST_TIME_MAX", "Time a request may take.", in: .milliseconds(100)...(.seconds(600)),
        default: "30s")
    /// Requests at once.
    package static let requestsMax = Setting.integer(
        "QUITTANCE_REQUESTS_MAX", "Requests worked on at once; more are told to come back.", in: 1...100_000,
        unit: "requests", default: 512)
    /// Who may read the metrics.
    package static let metricsAccess = Setting.choice(
        "QUITTANCE_METRICS_ACCESS", "Who may read /metrics: anyone, or service accounts with metrics:read.",
        of: ["anyone", "service-accounts"], default: "service-accounts")

    // MARK: Tokens

    /// Keys that tokens are verified by.
    package static let tokenKeys = Setting.string(
        "QUITTANCE_TOKEN_KEYS", "Public keys that tokens are verified by, as a JSON Web Key Set; best given as a file."
    ).refusing { text in
        do throws(KeyError) {
            _ = try KeySet(jwks: text)
            return nil
        } catch {
            return "can't be used: \(error); mint-token --generate-keys writes such a file"
        }
    }
    /// Who makes the tokens.
    package static let tokenIssuer = Setting.string(
        "QUITTANCE_TOKEN_ISSUER", "Who makes the tokens: their claim iss.", default: "quittance")
    /// Whom the tokens are for.
    package static let tokenAudience = Setting.string(
        "QUITTANCE_TOKEN_AUDIENCE", "Whom the tokens are for: their claim aud.", default: "quittance")
    /// By how much clocks may differ.
    package static let tokenLeeway = Setting.duration(
        "QUITTANCE_TOKEN_LEEWAY", "By how much the clocks of those who make and read tokens may differ.",
        in: .milliseconds(1)...(.seconds(600)), default: "30s")

    // MARK: PostgreSQL

    /// Where the database is.
    package static let postgresHost = Setting.string(
        "QUITTANCE_POSTGRES_HOST", "Host of the database, or the folder of its socket.", default: "127.0.0.1")
    /// On which port.
    package static let postgresPort = Setting.integer(
        "QUITTANCE_POSTGRES_PORT", "Port of the database.", in: 1...65_535, unit: "port", default: 5_432)
    /// Which database.
    package static let postgresDatabase = Setting.string(
        "QUITTANCE_POSTGRES_DATABASE", "Name of the database.", default: "quittance")
    /// The service's password.
    package static let postgresPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_POSTGRES_PASSWORD", "Password of the service's role.")
    /// Whom migrations are done as.
    package static let postgresMigrationUser = Setting<String?>.optionalString(
        "QUITTANCE_POSTGRES_MIGRATION_USER", "Role that owns the schema, for `migrate`; the service's own when not set."
    )
    /// That role's password.
    package static let postgresMigrationPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_POSTGRES_MIGRATION_PASSWORD", "Password of the role that owns the schema.")
    /// Connections at once.
    package static let postgresConnections = Setting.integer(
        "QUITTANCE_POSTGRES_CONNECTIONS", "Connections a process opens at most.", in: 1...200, unit: "connections",
        default: 8)
    /// Time of one statement.
    package static let postgresStatementTimeMax = Setting.duration(
        "QUITTANCE_POSTGRES_STATEMENT_TIME_MAX", "Time one statement may take.",
        in: .milliseconds(100)...(.seconds(3_600)), default: "15s")
    /// Protection of the connection.
    package static let postgresTLS = Setting.choice(
        "QUITTANCE_POSTGRES_TLS", "Whether the connection is encrypted and the server's certificate checked.",
        of: ["disable", "prefer", "verify-full"], default: "prefer")
    /// Who signs the server's certificate.
    package static let postgresCertificateAuthority = Setting<String?>.optionalString(
        "QUITTANCE_POSTGRES_CERTIFICATE_AUTHORITY", "Path of the certificate that signs the server's, for verify-full.")

    /// How long a request is known by its key.
    package static let requestsKnown = Setting.duration(
        "QUITTANCE_REQUESTS_KNOWN", "Time a request is known by its Idempotency-Key and answered as the first time.",
        in: .seconds(86_400)...(.seconds(400 * 86_400)), default: "7d")
    /// How long a message is known by its id.
    package static let messagesKnown = Setting.duration(
        "QUITTANCE_MESSAGES_KNOWN",
        "Time a message is known by its id, longer than the journal's 400 days; one that comes later is parked.",
        in: .seconds(402 * 86_400)...(.seconds(36_500 * 86_400)), default: "430d")

    // MARK: Kafka

    /// Where the brokers are.
    package static let kafkaServers = Setting.string(
        "QUITTANCE_KAFKA_SERVERS", "Some of the brokers, as host:port separated by commas.")
    /// Protection of the connection.
    package static let kafkaSecurity = Setting.choice(
        "QUITTANCE_KAFKA_SECURITY", "How the connection is protected and who we say we are.",
        of: ["plaintext", "tls", "scram-sha-256", "scram-sha-512", "scram-sha-256-tls", "scram-sha-512-tls"],
        default: "plaintext")
    /// Our name at the brokers.
    package static let kafkaUser = Setting<String?>.optionalString(
        "QUITTANCE_KAFKA_USER", "User at the brokers, for SCRAM.")
    /// Its password.
    package static let kafkaPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_KAFKA_PASSWORD", "Password at the brokers, for SCRAM.")
    /// Who signs the brokers' certificates.
    package static let kafkaCertificateAuthority = Setting<String?>.optionalString(
        "QUITTANCE_KAFKA_CERTIFICATE_AUTHORITY",
        "Path of the certificate that signs the brokers', for TLS; the system's when not set.")
    /// What else librdkafka is told.
    package static let kafkaProperties = Setting<String?>.optionalString(
        "QUITTANCE_KAFKA_PROPERTIES", "Further librdkafka properties, as name=value separated by commas.")
    /// What becomes of missing topics.
    package static let kafkaTopics = Setting.choice(
        "QUITTANCE_KAFKA_TOPICS", "Whether missing topics are made at start, only reported, or not looked at.",
        of: ["create", "check", "ignore"], default: "create")
    /// How many partitions new topics get.
    package static let kafkaPartitions = Setting.integer(
        "QUITTANCE_KAFKA_PARTITIONS", "Partitions of topics that are made.", in: 1...1_000, unit: "partitions",
        default: 12)
    /// How many brokers keep a copy of new topics.
    package static let kafkaReplicas = Setting.integer(
        "QUITTANCE_KAFKA_REPLICAS",
        "Brokers that keep a copy of topics that are made; 0 leaves it to the brokers, three brokers want 3.",
        in: 0...15, unit: "brokers", default: 0)
    /// How many of them must have a record before it counts.
    package static let kafkaInSyncMin = Setting.integer(
        "QUITTANCE_KAFKA_IN_SYNC_MIN",
        "Copies a record must have before it counts (min.insync.replicas of topics that are made); 0 leaves it to the "
            + "brokers, three brokers want 2.",
        in: 0...15, unit: "brokers", default: 0)
    /// How long a member of a group may be silent.
    package static let kafkaSessionTime = Setting.duration(
        "QUITTANCE_KAFKA_SESSION_TIME", "Silence after which a consumer counts as dead and its work goes to others.",
        in: .seconds(1)...(.seconds(300)), default: "10s")

    // MARK: Process

    /// What is logged.
    package static let logLevel = Setting.choice(
        "QUITTANCE_LOG_LEVEL", "Least severity of what is logged.",
        of: ["trace", "debug", "info", "notice", "warning", "error", "critical"], default: "info")
    /// Time for stopping.
    package static let stopTimeMax = Setting.duration(
        "QUITTANCE_STOP_TIME_MAX",
        "Time work in hand has to finish when the process is told to stop; longer than a request and a statement may "
            + "take.",
        in: .seconds(1)...(.seconds(6_000)), default: "50s")

    /// The port to listen on.
    package static func httpPort(_ standard: Int) -> Setting<Int> {
        .integer(
            "QUITTANCE_HTTP_PORT", "Port to listen on; 0 lets the system choose.", in: 0...65_535, unit: "port",
            default: standard)
    }

    /// The service's role.
    package static func postgresUser(_ standard: String) -> Setting<String> {
        .string("QUITTANCE_POSTGRES_USER", "The service's role, which reaches its own schema only.", default: standard)
    }

    /// All of them for one service.
    package static func all(port: Int, schema: String) -> [any DescribedSetting] {
        let http: [any DescribedSetting] = [httpHost, httpPort(port), requestTimeMax, requestsMax, metricsAccess]
        let tokens: [any DescribedSetting] = [tokenKeys, tokenIssuer, tokenAudience, tokenLeeway]
        let process: [any DescribedSetting] = [logLevel, stopTimeMax]
        return http + tokens + postgres(schema: schema) + kafka + process
    }

    private static func postgres(schema: String) -> [any DescribedSetting] {
        [
            postgresHost, postgresPort, postgresDatabase, postgresUser(schema), postgresPassword,
            postgresMigrationUser, postgresMigrationPassword, postgresConnections, postgresStatementTimeMax,
            postgresTLS, postgresCertificateAuthority, requestsKnown, messagesKnown,
        ]
    }

    private static let kafka: [any DescribedSetting] = [
        kafkaServers, kafkaSecurity, kafkaUser, kafkaPassword, kafkaCertificateAuthority, kafkaProperties, kafkaTopics,
        kafkaPartitions, kafkaReplicas, kafkaInSyncMin, kafkaSessionTime,
    ]
}
