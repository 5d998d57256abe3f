import Foundation
import HTTPServer
import ServiceRuntime
import Testing

@Suite struct `The time to stop` {
    func settings(_ variables: [String: String] = [:], rules: [SettingRule] = []) throws -> Settings {
        let needed = [
            "QUITTANCE_TOKEN_KEYS": try SigningKey.generate(id: "tests").publicKeySet,
            "QUITTANCE_KAFKA_SERVERS": "127.0.0.1:9092",
        ]
        let environment = Environment(variables.merging(needed) { given, _ in given }) { _ in "" }
        return try Settings(StandardSettings.all(port: 1, schema: "any"), rules: rules, from: environment)
    }

    @Test func `is enough, by default, for a request, a message and the rest`() throws {
        let standard = try settings()
        try StopBudget.check(standard)
        #expect(standard[StandardSettings.stopTimeMax] >= StopBudget.timeNeeded(standard))
    }

    @Test func `is refused when a request may take longer`() throws {
        let longer = try settings(["QUITTANCE_REQUEST_TIME_MAX": "60s"])
        let error = #expect(throws: SettingsError.self) { try StopBudget.check(longer) }
        #expect(error?.problems.map(\.name) == ["QUITTANCE_STOP_TIME_MAX"])
        #expect(error?.problems.first?.reason.contains("80s") == true)
        try StopBudget.check(settings(["QUITTANCE_REQUEST_TIME_MAX": "60s", "QUITTANCE_STOP_TIME_MAX": "80s"]))
    }

    @Test func `is looked at by every start, with all that is wrong`() {
        let error = #expect(throws: SettingsError.self) {
            try settings(["QUITTANCE_REQUEST_TIME_MAX": "60s"], rules: StandardSettings.rules)
        }
        #expect(error?.problems.map(\.name) == ["QUITTANCE_STOP_TIME_MAX"])
    }

    @Test func `is waited for by the containers`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docker-compose.yml").standardizedFileURL
        let compose = try String(contentsOf: file, encoding: .utf8)
        let line = try #require(compose.split(separator: "\n").first { $0.contains("stop_grace_period:") })
        let grace = try #require(Int(line.filter(\.isNumber)))
        let stop = try settings()[StandardSettings.stopTimeMax] + StopBudget.cancellationTimeMax
        #expect(Duration.seconds(grace) > stop)
    }
}
