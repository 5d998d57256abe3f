import EventContract
import HTTPServer
import Logging
import Observability
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct `The topics a service needs` {
    private func settings(_ mode: String) throws -> Settings {
        let variables = [
            "QUITTANCE_TOKEN_KEYS": try SigningKey.generate(id: "tests").publicKeySet,
            "QUITTANCE_KAFKA_SERVERS": "127.0.0.1:1", "QUITTANCE_KAFKA_TOPICS": mode, "QUITTANCE_KAFKA_PARTITIONS": "6",
        ]
        return try Settings(StandardSettings.all(port: 1, schema: "any"), from: Environment(variables) { _ in "" })
    }

    private func jobs(_ mode: String) throws -> [String] {
        let logger = Logger(label: "topics") { _ in SwiftLogNoOpLogHandler() }
        return Topics(.local("127.0.0.1:1"), try settings(mode), logger).jobs(for: []).map(\.name)
    }

    @Test func `are looked at, and what is wrong is said once`() async throws {
        let broker = try await PrivateBroker.start()
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "topics") { label in
            JSONLinesLogHandler(label: label, level: .info, timestamp: { "now" }) { line in
                lines.withLock { $0.append(line) }
            }
        }
        let topics = Topics(broker.settings(), try settings("check"), logger)
        await topics.prepare(for: [])
        let first = lines.withLock { $0 }
        #expect(first.count == Topic.allCases.count)
        #expect(first.allSatisfy { $0.contains("has 12 partitions instead of 6") })
        await topics.prepare(for: [])
        #expect(lines.withLock { $0 } == first)
        await broker.stop()
    }

    @Test func `are made again and again only where they are to be made`() throws {
        #expect(try jobs("create") == ["prepare-topics"])
        #expect(try jobs("check").isEmpty)
        #expect(try jobs("ignore").isEmpty)
    }
}
