import InvoicingService
import ServiceRuntime
import Testing

/// INV-5, OPS-5: a service whose documents cannot be printed takes payments all the same.
@Suite struct `The colour profile of documents` {
    private let profile = ColourProfile(usually: "/nowhere/usual.icc")

    private func read(_ variables: [String: String]) throws -> Settings {
        try Settings([profile.setting], rules: [profile.rule], from: Environment(variables))
    }

    @Test func `that is only the usual one and is not there is warned of, and refuses nothing`() throws {
        let warning = try #require(profile.warning(in: try read([:])))
        #expect(warning.contains("/nowhere/usual.icc") && warning.contains("icc-profiles-free"), "\(warning)")
    }

    @Test func `that somebody chose and is not there is refused`() {
        let error = #expect(throws: SettingsError.self) {
            try read([profile.setting.name: "/nowhere/usual.icc"])
        }
        #expect(error?.problems.map(\.name) == [profile.setting.name])
        #expect(error?.problems.first?.reason.contains("icc-profiles-free") == true)
    }

    @Test func `that is there is nothing to say`() throws {
        let here = try read([profile.setting.name: #filePath])
        #expect(profile.warning(in: here) == nil)
    }
}
