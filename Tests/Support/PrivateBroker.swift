import Foundation
package import KafkaClient

/// A broker of a test's own: the built `embedded-broker` as a child process.
///
/// It keeps its port over restarts and dies with the test process, whose end closes its standard input.
package actor PrivateBroker {
    /// Why the broker does not do as told.
    package struct Failure: Error, CustomStringConvertible {
        /// A sentence for people.
        package let description: String
    }

    /// Where clients connect; the same for the broker's whole life, restarts included.
    package nonisolated let bootstrapServers: String
    private let topics: [String: Int]
    private let brokers: Int
    private var child: BrokerProcess?

    /// Starts a broker on a free port, with the five `quittance.*` topics and these.
    package static func start(topics: [String: Int] = [:], brokers: Int = 1) async throws -> PrivateBroker {
        let child = try await BrokerProcess.start(port: 0, topics: topics, brokers: brokers)
        return PrivateBroker(child, topics: topics, brokers: brokers)
    }

    private init(_ child: BrokerProcess, topics: [String: Int], brokers: Int) {
        self.child = child
        self.topics = topics
        self.brokers = brokers
        bootstrapServers = child.address
    }

    deinit { child?.kill() }

    /// Settings that suit this broker: short waits, since it does not wake a fetch when a record comes.
    package nonisolated func settings(_ clientID: String = "test") -> KafkaSettings {
        KafkaSettings(
            bootstrapServers: bootstrapServers, clientID: clientID,
            properties: [
                "fetch.wait.max.ms": "20", "heartbeat.interval.ms": "500", "reconnect.backoff.ms": "50",
                "topic.metadata.refresh.fast.interval.ms": "50",
            ],
            deliveryTimeout: .seconds(60), sessionTimeout: .seconds(6), statisticsInterval: nil)
    }

    // MARK: Its life

    /// Ends the broker; what it held is gone.
    package func stop() {
        child?.kill()
        child = nil
    }

    /// Starts it again on the same port, empty.
    package func startAgain() async throws {
        guard child == nil, let port = UInt16(bootstrapServers.prefix { $0 != "," }.split(separator: ":").last ?? "")
        else { throw Failure(description: "the broker is running") }
        child = try await BrokerProcess.start(port: port, topics: topics, brokers: brokers)
    }

    /// Throws it away and starts an empty one in its place.
    package func replaceByEmpty() async throws {
        stop()
        try await startAgain()
    }

    // MARK: Trouble

    /// Stops its clock: connections stay, nothing answers.
    package func freeze() throws { try running().signal(SIGSTOP) }

    /// Lets a frozen broker go on.
    package func thaw() throws { try running().signal(SIGCONT) }

    /// Freezes it for a while.
    package func freeze(for duration: Duration) async throws {
        try freeze()
        try await Task.sleep(for: duration)
        try thaw()
    }

    /// Cuts all connections and refuses new ones; nothing is lost.
    package func goDown() async throws { try await obey("down") }

    /// The same for one broker of several, counted from 1.
    package func goDown(broker: Int) async throws { try await obey("down \(broker)") }

    /// Accepts connections again.
    package func comeUp() async throws { try await obey("up") }

    /// Goes down for a while.
    package func goDown(for duration: Duration) async throws {
        try await goDown()
        try await Task.sleep(for: duration)
        try await comeUp()
    }

    /// Answers the next requests of a kind with an error number, or cuts the connection when nil.
    package func fail(_ request: BrokerRequest, error: Int?, times: Int = 1) async throws {
        try await obey("fail \(request.rawValue) \(error.map(String.init) ?? "disconnect") \(times)")
    }

    /// Takes back the errors not yet used up.
    package func heal(_ request: BrokerRequest) async throws { try await obey("heal \(request.rawValue)") }

    /// Lets this broker lead a partition, the brokers counted from 1; nobody for nil.
    package func lead(_ topic: String, _ partition: Int, by broker: Int? = 1) async throws {
        try await obey("leader \(topic) \(partition) \(broker ?? -1)")
    }

    /// Delays every answer.
    package func delay(milliseconds: Int) async throws { try await obey("delay \(milliseconds)") }

    /// Makes a topic.
    package func createTopic(_ name: String, partitions: Int) async throws {
        try await obey("topic \(name) \(partitions)")
    }

    private func running() throws -> BrokerProcess {
        guard let child else { throw Failure(description: "the broker is not running") }
        return child
    }

    private func obey(_ command: String) async throws {
        let answer = try await running().ask(command)
        guard answer == "OK" else { throw Failure(description: "\(command): \(answer)") }
    }
}

/// The kinds of requests that can be made to fail.
package enum BrokerRequest: String, Sendable {
    /// Sending records.
    case produce
    /// Reading records.
    case fetch
    /// Asking for topics and leaders.
    case metadata
    /// Committing offsets.
    case offsetCommit = "offset-commit"
    /// Asking for committed offsets.
    case offsetFetch = "offset-fetch"
    /// Asking who coordinates a group.
    case findCoordinator = "find-coordinator"
    /// Joining a group.
    case joinGroup = "join-group"
    /// Staying in a group.
    case heartbeat
    /// Leaving a group.
    case leaveGroup = "leave-group"
    /// Learning one's partitions.
    case syncGroup = "sync-group"
    /// Asking for a producer's identity.
    case initProducerID = "init-producer-id"
}
