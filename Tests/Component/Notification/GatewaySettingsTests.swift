import HTTPServer
import NotificationService
import ServiceRuntime
import Testing

/// NOT-10: what is set for gateways.
@Suite struct `Settings of gateways` {
    private func read(rate: String) throws -> Settings {
        try Settings(
            NotificationService.settings, rules: NotificationService.settingRules,
            from: Environment([
                "QUITTANCE_SIGNING_KEY": try SigningKey.generate(id: "tests").privateKeyText,
                "QUITTANCE_SMSFACTOR_TOKEN": "token", "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET": "secret",
                "QUITTANCE_GATEWAY_RATE_MAX": rate,
            ]))
    }

    @Test(arguments: ["0", "50", "smsfactor=50,smtp=20", "100,smtp=0"])
    func `take a rate for all accounts, or for each`(rate: String) throws {
        _ = try read(rate: rate)
    }

    @Test(arguments: ["smsfactor:50", "fifty", "kannel=30"])
    func `refuse a rate that would limit nothing unseen`(rate: String) {
        let error = #expect(throws: SettingsError.self) { try read(rate: rate) }
        #expect(error?.problems.map(\.name) == ["QUITTANCE_GATEWAY_RATE_MAX"])
    }
}
