import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TestSupport
import Testing

/// As far as somebody else's idea of Stripe reaches.
///
/// It has payment intents, refunds and signed events; it has no Checkout.
@Suite struct `Stripe's adapter against localstripe` {
    private let account = AccountAccess(
        id: ProviderAccountID(1),
        credentials: ProviderCredentials(
            key: Secret("sk_test_localstripe"), notifications: Secret("whsec_localstripe")))

    private func provider(_ stripe: LocalStripe) -> StripeProvider {
        var settings = StripeSettings(time: .system)
        settings.mode = .test
        settings.baseURL = stripe.url
        return StripeProvider(settings, transport: .over(HTTPClient(logger: Logger(label: "localstripe"))))
    }

    @Test func `reads what moved by an intent, and what did not`() async throws {
        let stripe = try await LocalStripe()
        let attempt = AttemptID(5)
        let paid = try await stripe.intent(20_000, metadata: "&metadata[quittance_attempt]=\(attempt)")
        let report = try #require(try await provider(stripe).report(onIntent: paid, account))
        #expect(report.status == .paid && report.amount == .euros(cents: 20_000) && report.attempt == attempt)
        #expect(report.fee == ProviderFee(net: .zero(.eur), vat: .zero(.eur)), "localstripe takes no fee")
        #expect(report.acceptedAt != nil)
        #expect(try await provider(stripe).report(onIntent: "pi_nobody", account) == nil)

        let unproven = try await stripe.intent(5_000, card: "4000002500003155")
        #expect(try await provider(stripe).report(onIntent: unproven, account)?.status == .pending, "3DS is open")
    }

    @Test func `PAY-10: gives back in parts, lists them by our names, and orders none twice`() async throws {
        let stripe = try await LocalStripe()
        let intent = try await stripe.intent(20_000)
        let part = RefundOrder(id: RefundID(1), reference: intent, amount: .euros(cents: 15_000))
        let rest = RefundOrder(id: RefundID(2), reference: intent, amount: .euros(cents: 5_000))
        let provider = provider(stripe)
        for order in [part, rest, part] {
            guard case .completed = try await provider.refund(order, account) else {
                Issue.record("not refunded")
                return
            }
        }
        let report = try #require(try await provider.report(onIntent: intent, account))
        #expect(Set(report.refunds.map(\.id)) == [RefundID(1), RefundID(2)])
        #expect(report.refunds.count == 2, "it knows no idempotency key, so looking first is what keeps it to one")
    }

    @Test func `PAY-8: believes its signature over the raw body, and reads which payment it is about`() async throws {
        let stripe = try await LocalStripe()
        let sandbox = try await PrivateSandbox.start()
        try await stripe.post(
            "/_config/webhooks/ours", "url=\(sandbox.url)/sink/events&secret=whsec_localstripe", answering: "")
        let intent = try await stripe.intent(20_000)
        var seen: [SandboxJSON] = []
        for _ in 0..<200 where seen.isEmpty {
            try await Task.sleep(for: .milliseconds(50))
            seen = try await sandbox.control(.get, "/sink/events").list.filter {
                $0["body"].string.contains("payment_intent.succeeded")
            }
        }
        let event = try #require(seen.first)
        let body = Array(event["body"].string.utf8)
        let header = event["headers"]["stripe-signature"].string
        func verdict(_ body: [UInt8]) async throws -> NotificationVerdict {
            try await provider(stripe).verify(
                ProviderNotification(
                    headers: ["Stripe-Signature": header], body: body, receivedAt: TimeSource.system.now()), account)
        }
        #expect(try await verdict(body) == .genuine(reference: intent))
        #expect(try await verdict(body + [0x20]) == .forged)
    }
}
