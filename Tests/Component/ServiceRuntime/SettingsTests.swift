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
        more["QUITTANCE_SOMETHING_ELSE"] = "x"
        let settings = try settings(more, files: ["/run/key": "x"])
        #expect(settings.unknown == ["QUITTANCE_SOMETHING_ELSE"] && settings.slips.isEmpty)
    }

    @Test(arguments: [
        ("QUITTANCE_GATEWAI", "QUITTANCE_GATEWAY"), ("QUITTANCE_PROT", "QUITTANCE_PORT"),
        ("QUITANCE_WAIT", "QUITTANCE_WAIT"), ("quittance_wait", "QUITTANCE_WAIT"),
        ("QUITTANCE_KEY_FIL", "QUITTANCE_KEY_FILE"),
    ])
    func `that are misspelt are named with what was meant`(slip: String, meant: String) throws {
        var more = good
        more[slip] = "x"
        let slips = try settings(more, files: ["/run/key": "x"]).slips
        #expect(slips.map(\.name) == [slip])
        #expect(slips.first?.reason.contains("did you mean \(meant)?") == true)
    }

    @Test func `that must hold between each other are refused together with the others`() throws {
        let call = Setting.duration("QUITTANCE_CALL", "A call.", default: "10s")
        let lease = Setting.duration("QUITTANCE_LEASE", "A lease.", default: "21s")
        let rules: [SettingRule] = [.lease(lease, atLeast: 2, of: call, and: .seconds(2))]
        let read = { (variables: [String: String]) throws(SettingsError) in
            try Settings([call, lease, Self.port], rules: rules, from: Environment(variables))
        }
        let error = #expect(throws: SettingsError.self) { try read(["QUITTANCE_PORT": "x"]) }
        #expect(error?.problems.map(\.name) == ["QUITTANCE_PORT", "QUITTANCE_LEASE"])
        #expect(error?.description.contains("must be 22s at least, since QUITTANCE_CALL is 10s") == true)
        _ = try read(["QUITTANCE_LEASE": "22s"])
        let other = #expect(throws: SettingsError.self) { try read(["QUITTANCE_CALL": "x"]) }
        #expect(other?.problems.map(\.name) == ["QUITTANCE_CALL"], "what a rule cannot read it does not judge")
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

    @Test(arguments: [
        "example.com", "https://", "https:///path", "://host", "https://ho st", "https://hôte", "ftp://host",
    ])
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
