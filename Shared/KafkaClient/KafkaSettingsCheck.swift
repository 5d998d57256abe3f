extension KafkaSettings {
    /// Properties our promises rest on, or that have a setting of their own.
    private static let ours: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "security.protocol",
        "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password", "ssl.ca.location",
        "enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm",
        "enable.idempotence", "acks", "request.required.acks", "partitioner", "transactional.id",
        "message.timeout.ms", "delivery.timeout.ms", "statistics.interval.ms",
        "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store", "auto.offset.reset",
        "partition.assignment.strategy", "session.timeout.ms", "enable.partition.eof", "isolation.level",
    ]

    /// Every server must be `host:port`.
    func checkServers() throws(KafkaError) {
        let servers = bootstrapServers.split(separator: ",", omittingEmptySubsequences: false)
        for server in servers {
            let parts = server.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let port = parts.last, UInt16(port) != nil, !parts[0].isEmpty else {
                throw KafkaError(
                    .configuration(property: "bootstrap.servers"),
                    "'\(server)' is not host:port; give one or more, separated by commas")
            }
        }
    }

    /// What the caller adds may tune, not undo; and our waits must fit into the group's.
    func checkAdditions() throws(KafkaError) {
        if let name = properties.keys.sorted().first(where: Self.ours.contains) {
            throw KafkaError(.configuration(property: name), "\(name) is decided by the client, not by a property")
        }
        let pollMaximum = properties["max.poll.interval.ms"].flatMap { Int64($0) } ?? 300_000
        guard revokeWaitMax.wholeMilliseconds < pollMaximum else {
            throw KafkaError(
                .configuration(property: "max.poll.interval.ms"),
                "the wait for work in hand (\(revokeWaitMax)) must be shorter than max.poll.interval.ms")
        }
    }
}

extension KafkaConfiguration.Role {
    private static let consumerOnly = ["fetch.", "heartbeat.", "max.poll.", "queued.", "max.partition.", "check.crcs"]
    private static let producerOnly = ["linger.", "batch.", "queue.buffering.", "compression.", "retries", "retry."]

    /// Whether a property concerns such clients; the library grumbles at each one that does not.
    func takes(_ property: String) -> Bool {
        let foreign =
            switch self {
            case .producer: Self.consumerOnly
            case .consumer: Self.producerOnly
            }
        return !foreign.contains { property.hasPrefix($0) }
    }
}
