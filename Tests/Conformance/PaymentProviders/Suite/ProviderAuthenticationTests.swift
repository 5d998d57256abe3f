import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TestSupport
import Testing

/// PAY-7: the bank wants the client to prove who it is (3-D Secure), which is on the provider's own page everywhere.
///
/// Alma has the first instalment proved there, always; PayPal may say so only when the money is to be taken.
@Suite struct `A client whose bank asks who it is, at every provider, PAY-7` {
    @Test(arguments: ProviderUnderTest.all, [ProviderUnderTest.Act.accept, .decline])
    func `has paid nothing until it has proved it, and may go on where it was`(
        _ subject: ProviderUnderTest, _ ending: ProviderUnderTest.Act
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        try await bench.sandbox.control(
            .post, "/\(subject.provider.rawValue)/payments/\(reference)/act", #"{"action":"challenge"}"#)
        for _ in 0..<2 {
            let report = try #require(try await bench.collected(reference))
            #expect(report.status == .pending && report.amount == .euros(cents: 20_000))
            let page = try #require(report.payURL)
            let path = page.replacing(bench.sandbox.url, with: "")
            #expect(try await bench.sandbox.call(.get, path).status == 200, "the page is still there")
        }
        try await bench.act(ending, reference)
        #expect(try await bench.collected(reference)?.status == subject.endings[ending])
    }
}
