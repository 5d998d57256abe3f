import ArgumentParser
import Dispatch
import Glibc

/// A Kafka-compatible broker in one small process, for local runs and tests.
@main
struct EmbeddedBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embedded-broker",
        abstract: "A Kafka-compatible broker for one machine: starts in milliseconds, keeps nothing.",
        discussion: """
            It is librdkafka's mock cluster in a process of its own. What it cannot do:
              - everything is in memory: a restart empties topics and the groups' offsets;
              - a partition keeps at most 5 MiB or 100,000 batches, the oldest go silently;
              - topics are made here (--topic) or appear with 4 partitions when first used; the admin API is missing;
              - loopback only, no TLS, no SASL, no quotas, no size limits;
              - no transactions, no de-duplication of producers, no static membership, no lookup by time;
              - all members of a group must use the same assignor; Java and kafka-python clients do not work.

            It prints "READY host:port[,…]" once it answers. SIGTERM ends it, SIGUSR1 takes it down (connections are \
            cut and refused), SIGUSR2 brings it up. With --commands it obeys lines on standard input, answers each \
            with OK or ERROR, and ends when the input does:
              down [broker] · up [broker] · delay <milliseconds> · topic <name> <partitions> · leader <topic> <partition> <broker>
              fail <request> <error number or 'disconnect'> [times] · heal <request>
              requests: produce fetch metadata offset-commit offset-fetch find-coordinator join-group heartbeat \
            leave-group sync-group init-producer-id
            """
    )

    @Option(help: "The first broker's port on 127.0.0.1; further brokers take the next ones, 0 takes any free ones.")
    var port: UInt16 = 19092

    @Option(help: "How many brokers the cluster has.")
    var brokers: Int32 = 1

    @Option(name: .customLong("topic"), help: "A topic to make at start, as name:partitions; may be repeated.")
    var topics: [TopicArgument] = []

    @Option(help: "A file of such topics, one a line; '#' starts a comment.")
    var topicsFile: String?

    @Option(help: "Partitions of the quittance.* topics, which are always made.")
    var partitions: Int32 = 12

    @Option(help: "A file to write the address to once ready.")
    var addressFile: String?

    @Flag(help: "Obey commands on standard input and end when it does.")
    var commands = false

    func validate() throws {
        guard brokers >= 1, brokers <= 9 else { throw ValidationError("--brokers takes 1 to 9") }
        guard partitions >= 1 else { throw ValidationError("--partitions must be at least 1") }
    }

    func run() throws {
        let wanted = TopicArgument.own(partitions: partitions) + (try topicsOfFile()) + topics
        let cluster = try MockCluster(brokers: brokers, port: port)
        for topic in wanted { try cluster.createTopic(topic.name, partitions: topic.partitions) }
        Gate.open()
        let signals = obeySignals(cluster)
        try announce(cluster.bootstrapServers)
        if commands { obeyInput(cluster) }
        withExtendedLifetime(signals) { dispatchMain() }
    }

    private func topicsOfFile() throws -> [TopicArgument] {
        guard let topicsFile else { return [] }
        return try TextFile.lines(topicsFile).map { line in
            guard let topic = TopicArgument(argument: line) else {
                throw ValidationError("\(topicsFile): '\(line)' is not name:partitions")
            }
            return topic
        }
    }

    private func announce(_ address: String) throws {
        if let addressFile { try TextFile.write(address + "\n", to: addressFile) }
        TextFile.print("READY \(address)")
    }

    private func obeySignals(_ cluster: MockCluster) -> [any DispatchSourceSignal] {
        let actions: [(Int32, @Sendable () -> Void)] = [
            (SIGTERM, { Glibc.exit(0) }), (SIGINT, { Glibc.exit(0) }),
            (SIGUSR1, { cluster.takeDown() }), (SIGUSR2, { cluster.bringUp() }),
        ]
        return actions.map { number, action in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: action)
            source.resume()
            return source
        }
    }

    private func obeyInput(_ cluster: MockCluster) {
        DispatchQueue(label: "commands").async {
            while let line = readLine() {
                do throws(Command.Refusal) {
                    try Command(line).run(on: cluster)
                    TextFile.print("OK")
                } catch {
                    TextFile.print("ERROR \(error.reason)")
                }
            }
            Glibc.exit(0)
        }
    }
}

/// A topic on the command line: `name:partitions`.
struct TopicArgument: ExpressibleByArgument {
    let name: String
    let partitions: Int32

    init(name: String, partitions: Int32) {
        self.name = name
        self.partitions = partitions
    }

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard parts.count == 2, let partitions = Int32(parts[1]), partitions >= 1 else { return nil }
        self.init(name: String(parts[0]), partitions: partitions)
    }

    /// The topics every service of ours expects.
    static func own(partitions: Int32) -> [TopicArgument] {
        ["invoicing", "payments", "notifications", "reconciliation", "notification.dispatch"].map {
            TopicArgument(name: "quittance.\($0)", partitions: partitions)
        }
    }
}
