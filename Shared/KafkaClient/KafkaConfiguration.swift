import CKafka

/// The library's configuration while it is being put together.
@safe
struct KafkaConfiguration: ~Copyable {
    /// What a client is for, with the properties only such clients take.
    enum Role {
        case producer
        case consumer(group: String?)
    }

    private let raw: OpaquePointer?

    /// Checks the settings and turns them into the library's properties.
    init(_ settings: KafkaSettings, for role: Role) throws(KafkaError) {
        let properties = try settings.propertyList(for: role)
        let raw = unsafe rd_kafka_conf_new()
        for (name, value) in properties {
            guard let problem = unsafe Self.set(raw, name, value) else { continue }
            unsafe rd_kafka_conf_destroy(raw)
            throw problem
        }
        unsafe self.raw = raw
    }

    deinit { unsafe rd_kafka_conf_destroy(raw) }

    /// The library frees the copy it was given when it makes a client of it.
    var copy: OpaquePointer? { unsafe rd_kafka_conf_dup(raw) }

    private static func set(_ raw: OpaquePointer?, _ name: String, _ value: String) -> KafkaError? {
        let (result, reason) = unsafe withErrorText { unsafe rd_kafka_conf_set(raw, name, value, $0, $1) }
        return result == RD_KAFKA_CONF_OK ? nil : KafkaError(.configuration(property: name), reason)
    }
}

/// Calls the library with room for a sentence about what went wrong.
func withErrorText<Result>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> (Result, String) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
        unsafe text.initialize(repeating: 0)
        let result = unsafe body(text.baseAddress, text.count)
        let reason = unsafe text.baseAddress.map { unsafe String(cString: $0) } ?? ""
        return (result, reason)
    }
}

extension KafkaSettings {
    /// Finds what is wrong with the settings without connecting; certificates are read.
    package func check() throws(KafkaError) {
        for role in [KafkaConfiguration.Role.producer, .consumer(group: "check")] {
            let configuration = try KafkaConfiguration(self, for: role)
            let client = try unsafe KafkaHandle(role, configuration, context: ClientContext())
            client.destroy()
        }
    }

    /// The library's properties: what our promises rest on, then what the caller adds.
    func propertyList(for role: KafkaConfiguration.Role) throws(KafkaError) -> [(String, String)] {
        try checkServers()
        try checkAdditions()
        var list = [
            ("bootstrap.servers", bootstrapServers), ("client.id", clientID),
            // A broker that comes back is found within a second or two.
            ("reconnect.backoff.max.ms", "2000"),
            // Topics made after a member joined are found soon; the library asks every five minutes.
            ("topic.metadata.refresh.interval.ms", "20000"),
            ("statistics.interval.ms", "\(statisticsInterval?.wholeMilliseconds ?? 0)"),
        ]
        list += try securityProperties()
        switch role {
        case .producer: list += producerProperties
        case .consumer(let group): list += consumerProperties + (group.map { [("group.id", $0)] } ?? [])
        }
        return list + properties.filter { role.takes($0.key) }.sorted { $0.key < $1.key }
    }

    private var producerProperties: [(String, String)] {
        [
            ("enable.idempotence", "true"), ("acks", "all"), ("linger.ms", "0"),
            ("message.timeout.ms", "\(deliveryTimeout.wholeMilliseconds)"),
            // The same partitions as the Java clients choose.
            ("partitioner", "murmur2_random"),
        ]
    }

    private var consumerProperties: [(String, String)] {
        [
            ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
            // A broker that lost its offsets must lead to records read twice, never to records not read.
            ("auto.offset.reset", "earliest"), ("partition.assignment.strategy", "cooperative-sticky"),
            ("session.timeout.ms", "\(sessionTimeout.wholeMilliseconds)"),
            // A slow reader must not hold 64 MiB of records.
            ("queued.max.messages.kbytes", "16384"),
        ]
    }

    private func securityProperties() throws(KafkaError) -> [(String, String)] {
        switch security {
        case .plaintext: [("security.protocol", "plaintext")]
        case .tls(let authority): [("security.protocol", "ssl")] + encryption(authority)
        case .saslScram(let user, let password, let mechanism, let tls):
            try scram(user, password, mechanism, tls)
        }
    }

    private func scram(
        _ user: String, _ password: String, _ mechanism: ScramMechanism, _ tls: Encryption
    ) throws(KafkaError) -> [(String, String)] {
        guard !user.isEmpty else {
            throw KafkaError(.configuration(property: "sasl.username"), "SASL needs a user name")
        }
        guard !password.isEmpty else {
            throw KafkaError(.configuration(property: "sasl.password"), "SASL needs a password")
        }
        let identity = [
            ("sasl.mechanism", mechanism.rawValue), ("sasl.username", user), ("sasl.password", password),
        ]
        switch tls {
        case .none: return [("security.protocol", "sasl_plaintext")] + identity
        case .verified(let authority): return [("security.protocol", "sasl_ssl")] + identity + encryption(authority)
        }
    }

    private func encryption(_ authority: String?) -> [(String, String)] {
        [("enable.ssl.certificate.verification", "true"), ("ssl.endpoint.identification.algorithm", "https")]
            + (authority.map { [("ssl.ca.location", $0)] } ?? [])
    }
}
