import HTTPServer
import NotificationService
import ServiceRuntime
import Testing

/// NOT-9, NOT-10: what the service's page says of the addresses gateways call.
@Suite struct `The page of webhooks` {
    @Test func `NOT-9: says of all that SMSFactor calls that it is signed, or brings the secret`() async throws {
        let service = try #require(BareService.all.first { $0.name == NotificationService.name })
        let page = try await service.assemble(.serve).openAPI
        let paths = try JSONParser.parse(Array(page.utf8))["paths"]
        for end in ["receipts", "replies"] {
            let parameters = paths?["/webhooks/smsfactor/\(end)"]?["post"]?["parameters"]?.elements ?? []
            #expect(parameters.compactMap { $0["name"]?.text } == ["key", "X-SMSFactor-Signature"], "\(end)")
        }
    }
}
