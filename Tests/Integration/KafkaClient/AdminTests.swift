import KafkaClient
import TestSupport
import Testing

extension `The Kafka client` {
    @Suite struct `Looking after the cluster` {
        typealias Tools = KafkaTestTools

        @Test func `lag counts what a group has not committed`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1, "u": 2])
            let admin = KafkaAdmin(broker.settings(), logger: Tools.logger)
            try await Tools.send(Tools.records(30, topic: "t"), to: broker)
            let place = TopicPartition(topic: "t", partition: 0)
            #expect(try await admin.lag(group: "group", topics: ["t"]) == [place: 30])

            let consumer = try Tools.consumer(broker, topics: ["t"])
            _ = try await Tools.read(30, from: consumer)
            try await consumer.commit([place: 12])
            await consumer.close()
            let lag = try await admin.lag(group: "group", topics: ["t", "u"])
            #expect(lag[place] == 18)
            #expect(lag.count == 3)
        }

        @Test func `says what is missing and what differs`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 3])
            let admin = KafkaAdmin(broker.settings(), logger: Tools.logger)
            let problems = try await admin.check([
                .init(name: "t", partitions: 3), .init(name: "quittance.payments", partitions: 6),
                .init(name: "missing", partitions: 2),
            ])
            #expect(problems.count == 2)
            #expect(problems.first?.contains("has 12 partitions instead of 6") == true)
            #expect(problems.last?.contains("missing") == true)
            #expect(try await admin.partitions(of: ["missing"]).isEmpty, "asking must not make the topic")
        }

        @Test func `says that a topic has fewer copies than it should have, and nothing of what no broker tells`()
            async throws
        {
            // This broker gives every topic three copies, and has no admin interface to ask for more.
            let broker = try await PrivateBroker.start(topics: ["t": 3], brokers: 3)
            let admin = KafkaAdmin(broker.settings(), logger: Tools.logger)
            let wanted = KafkaAdmin.TopicDescription(name: "t", partitions: 3, replicationFactor: 4)
            let problems = try await admin.check([wanted], timeout: .seconds(2))
            #expect(problems == ["topic t has 3 of the 4 copies it should have"])
        }

        @Test func `a broker without an admin interface is an error within the time allowed`() async throws {
            let broker = try await PrivateBroker.start()
            let admin = KafkaAdmin(broker.settings(), logger: Tools.logger)
            let failure = await #expect(throws: KafkaError.self) {
                try await admin.createTopics([.init(name: "new")], timeout: .seconds(1))
            }
            #expect(failure?.kind == .unsupported || failure?.kind == .timedOut)
        }

        @Test func `nobody there is an error within the time allowed`() async throws {
            let admin = KafkaAdmin(
                KafkaSettings(bootstrapServers: "127.0.0.1:1", clientID: "test"), logger: Tools.logger)
            await #expect(throws: KafkaError.self) {
                try await admin.lag(group: "g", topics: ["t"], timeout: .seconds(1))
            }
        }
    }
}

extension `The Kafka client` {
    @Suite struct `Kafka settings` {
        private func problem(_ change: (inout KafkaSettings) -> Void) -> KafkaError.Kind? {
            var settings = KafkaSettings(bootstrapServers: "127.0.0.1:9092", clientID: "test")
            change(&settings)
            do throws(KafkaError) {
                try settings.check()
                return nil
            } catch { return error.kind }
        }

        @Test func `that are right pass, SCRAM inside TLS too`() {
            #expect(problem { _ in } == nil)
            #expect(problem { $0.security = .tls(certificateAuthority: nil) } == nil)
            #expect(
                problem {
                    $0.security = .saslScram(
                        user: "u", password: "p", mechanism: .sha512, tls: .verified(certificateAuthority: nil))
                } == nil)
        }

        @Test(arguments: ["", "localhost", "localhost:", ":9092", "a:9092,b", "a:99999"])
        func `name servers as host and port`(servers: String) {
            #expect(problem { $0.bootstrapServers = servers } == .configuration(property: "bootstrap.servers"))
        }

        @Test func `need a name and a password for SASL`() {
            #expect(
                problem { $0.security = .saslScram(user: "", password: "p", mechanism: .sha256, tls: .none) }
                    == .configuration(property: "sasl.username"))
            #expect(
                problem { $0.security = .saslScram(user: "u", password: "", mechanism: .sha256, tls: .none) }
                    == .configuration(property: "sasl.password"))
        }

        @Test func `need a certificate file that can be read`() {
            #expect(
                problem { $0.security = .tls(certificateAuthority: "/nowhere/ca.pem") }
                    == .configuration(property: "client"))
        }

        @Test(arguments: ["enable.auto.commit", "enable.idempotence", "auto.offset.reset", "acks", "group.id"])
        func `cannot undo what the client promises`(property: String) {
            #expect(problem { $0.properties[property] = "false" } == .configuration(property: property))
        }

        @Test func `with an unknown property or a wrong value name it`() {
            #expect(problem { $0.properties["no.such.thing"] = "1" } == .configuration(property: "no.such.thing"))
            #expect(problem { $0.properties["fetch.min.bytes"] = "x" } == .configuration(property: "fetch.min.bytes"))
        }

        @Test func `must leave room for the wait for work in hand`() {
            #expect(problem { $0.revokeWaitMax = .seconds(300) } == .configuration(property: "max.poll.interval.ms"))
        }
    }
}
