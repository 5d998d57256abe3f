import Observability
import ServiceRuntime
import Testing

@Suite struct `Settings of a process (OPS-5)` {
    static let port = Setting.integer("QUITTANCE_PORT", "Port to listen on.", in: 0...65_535, unit: "port", default: 80)
    static let gateway = Setting.url("QUITTANCE_GATEWAY", "Where the gateway is.")
    static let wait = Setting.duration("QUITTANCE_WAIT", "How long to wait.", in: .seconds(1)...(.seconds(60)))
    static let key = Setting<Secret>.secret("QUITTANCE_KEY", "Key of the gateway.")
    static let note = Setting<String?>.optionalString("QUITTANCE_NOTE", "A note.")
    static let mode = Setting.choice("QUITTANCE_MODE", "Which way.", of: ["fast", "safe"], default: "safe")
    static let all: [any DescribedSetting] = [port, gateway, wait, key, note, mode]

    func settings(_ variables: [String: String], files: [String: String] = [:]) throws(SettingsError) -> Settings {
        struct Missing: Error {}
        let environment = Environment(variables) { path in
            guard let text = files[path] else { throw Missing() }
            return text
        }
        return try Settings(Self.all, from: environment)
    }

    let good = [
        "QUITTANCE_GATEWAY": "https://sms.example/api/", "QUITTANCE_WAIT": "5s", "QUITTANCE_KEY_FILE": "/run/key",
        "PATH": "/bin",
    ]

    @Test func `come from variables, files and defaults`() throws {
        let settings = try settings(good, files: ["/run/key": "hunter2\n"])
        #expect(settings[Self.port] == 80)
        #expect(settings[Self.gateway] == "https://sms.example/api")
        #expect(settings[Self.wait] == .seconds(5))
        #expect(settings[Self.key].reveal() == "hunter2")
        #expect(settings[Self.note] == nil)
        #expect(settings[Self.mode] == "safe")
        #expect(settings.unknown == [])
    }

    @Test func `are refused all at once, each by the variable's name`() throws {
        let wrong = [
            "QUITTANCE_PORT": "65536", "QUITTANCE_WAIT": "2h", "QUITTANCE_KEY_FILE": "/nowhere",
            "QUITTANCE_MODE": "quick", "QUITTANCE_NOTE": "",
        ]
        let error = #expect(throws: SettingsError.self) { try settings(wrong) }
        #expect(
            error?.problems.map(\.name) == [
                "QUITTANCE_PORT", "QUITTANCE_GATEWAY", "QUITTANCE_WAIT", "QUITTANCE_KEY", "QUITTANCE_NOTE",
                "QUITTANCE_MODE",
            ])
        #expect(error?.description.contains("QUITTANCE_WAIT must be a time such as 30s, from 1s to 1m") == true)
        #expect(error?.description.contains("QUITTANCE_GATEWAY_FILE must name a file") == true)
    }

    @Test func `are refused when set twice`() throws {
        var twice = good
        twice["QUITTANCE_KEY"] = "hunter2"
        let error = #expect(throws: SettingsError.self) { try settings(twice, files: ["/run/key": "x"]) }
        #expect(error?.problems.map(\.name) == ["QUITTANCE_KEY"])
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `that nobody reads are told of`() throws {
        var more = good
        more["QUITTANCE_GATEWAI"] = "x"
        #expect(try settings(more, files: ["/run/key": "x"]).unknown == ["QUITTANCE_GATEWAI"])
    }

    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("1s", .seconds(1)), ("90s", .seconds(90)), ("5m", .seconds(300)),
        ("2h", .seconds(7_200)), ("7d", .seconds(604_800)),
    ])
    func `read times as people write them`(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.parse(DurationText.text(duration)) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "5 s", "5.5s", "5S", "9999999999s", "5w", "٣s"])
    func `refuse other texts for times`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: ["example.com", "https://", "https:///path", "://host", "https://ho st", "https://hôte"])
    func `refuse what is no address`(text: String) {
        #expect(throws: InvalidSetting.self) { try Self.gateway.value(of: text) }
    }

    @Test func `of every service have a meaning, a unit and a name of ours, once each`() {
        let all = StandardSettings.all(port: 8_080, schema: "invoicing")
        #expect(Set(all.map(\.name)).count == all.count)
        for setting in all {
            #expect(setting.name.hasPrefix(Settings.prefix) && !setting.name.hasSuffix("_FILE"))
            #expect(setting.meaning.hasSuffix(".") && !setting.unit.isEmpty)
            if let standard = setting.standard { #expect(throws: Never.self) { try setting.value(of: standard) } }
        }
    }
}
