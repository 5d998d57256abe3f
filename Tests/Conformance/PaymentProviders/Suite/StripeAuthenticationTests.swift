import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TestSupport
import Testing

/// PAY-7: the bank wants the client to prove who it is (3-D Secure), or the way of paying takes days.
@Suite struct `A client whose bank does not answer at once, at Stripe` {
    /// What the client and its bank do, and what a reading says after it.
    struct Story: Sendable, CustomTestStringConvertible {
        let begins: String
        let ends: String
        let status: ProviderReport.Status

        var testDescription: String { "\(begins), then \(ends)" }
    }

    @Test(arguments: [
        Story(begins: "challenge", ends: "settle", status: .paid),
        // The page is still open: the client may try another card.
        Story(begins: "challenge", ends: "fail", status: .pending),
        Story(begins: "accept-slowly", ends: "settle", status: .paid),
        Story(begins: "accept-slowly", ends: "fail", status: .refused("insufficient_funds")),
    ])
    func `is pending until it has, and then what it said, with its fee once it is paid`(_ story: Story) async throws {
        let bench = try await ProviderBench.start(.stripe)
        let reference = try await bench.open()
        try await act(story.begins, reference, bench)
        for _ in 0..<2 { #expect(try await bench.collected(reference)?.status == .pending) }
        try await act(story.ends, reference, bench)
        let report = try #require(try await bench.collected(reference))
        #expect(report.status == story.status && report.amount == .euros(cents: 20_000))
        #expect((report.fee != nil) == (story.status == .paid))
    }

    private func act(_ action: String, _ reference: String, _ bench: ProviderBench) async throws {
        try await bench.sandbox.control(.post, "/stripe/payments/\(reference)/act", "{\"action\":\"\(action)\"}")
    }
}
