import Logging
import Observability
import Synchronization
import Testing

@Suite struct `A log line` {
    final class Lines: Sendable {
        let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
    }

    func logger(_ lines: Lines, level: Logger.Level = .info) -> Logger {
        Logger(label: "tests") { label in
            JSONLinesLogHandler(label: label, level: level, timestamp: { "2026-11-21T00:00:00.000000Z" }) { line in
                lines.lines.withLock { $0.append(line) }
            }
        }
    }

    @Test func `is one JSON object with its fields by name`() {
        let lines = Lines()
        var logger = logger(lines)
        logger[metadataKey: LogField.traceID] = "abc"
        logger.info("request", metadata: [LogField.status: .stringConvertible(200), LogField.route: "/v1/\"x\"\n"])
        #expect(
            lines.all == [
                "{\"time\":\"2026-11-21T00:00:00.000000Z\",\"level\":\"info\",\"logger\":\"tests\","
                    + "\"message\":\"request\",\"route\":\"/v1/\\\"x\\\"\\n\",\"status\":200,\"traceId\":\"abc\"}\n"
            ])
    }

    @Test func `is not written below the level`() {
        let lines = Lines()
        logger(lines, level: .warning).info("quiet")
        #expect(lines.all.isEmpty)
    }

    @Test func `has no secret of an error in it`() {
        struct Refused: Error, CustomStringConvertible { let description = "password=hunter2 refused" }
        let lines = Lines()
        logger(lines).error("failed", error: Refused(), metadata: ["secret": "\(Secret("hunter2"))"])
        #expect(lines.all.count == 1)
        #expect(!lines.all.joined().contains("hunter2"))
    }
}
