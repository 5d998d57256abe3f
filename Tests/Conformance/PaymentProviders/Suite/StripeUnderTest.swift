import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TestSupport

extension ProviderUnderTest {
    /// A declined card may be followed by another one, and a client who goes back may return.
    static let stripe = ProviderUnderTest(
        provider: .stripe, plan: .now,
        operations: Operations(
            start: "stripe.create-session", read: "stripe.get-session", cancel: "stripe.expire-session",
            refund: "stripe.create-refund"),
        endings: [.accept: .paid, .decline: .pending, .giveUp: .pending, .expire: .lapsed, .leave: .pending],
        unheardOf: #"{"status":"never_seen","payment_status":"never_seen"}"#,
        otherPayment: #"{"id":"cs_test_other","metadata":{},"client_reference_id":"\#(AttemptID(99))"}"#,
        otherRefund: #"{"id":"re_other","metadata":{"quittance_refund":"\#(RefundID(99))"}}"#,
        otherCurrency: (start: #"{"currency":"usd"}"#, refund: #"{"currency":"usd"}"#),
        adapter: { sandbox, transport in
            StripeProvider(.tests(sandbox.stripeURL), transport: transport)
        },
        connect: { sandbox, name, notifications in
            let (key, secret) = ("sk_test_\(name)", "whsec_\(name)")
            try await sandbox.control(
                .post, "/stripe/accounts",
                #"{"apiKey":"\#(key)","iban":"\#(ProviderBench.iban)","webhookURL":"\#(notifications)","webhookSecret":"\#(secret)"}"#
            )
            return AccountAccess(
                id: ProviderAccountID(1),
                credentials: ProviderCredentials(key: Secret(key), notifications: Secret(secret)))
        })
}

extension StripeSettings {
    /// For keys of tests, at an address.
    static func tests(_ url: String) -> StripeSettings {
        var settings = StripeSettings(time: .system)
        settings.mode = .test
        settings.baseURL = url
        (settings.connectTimeout, settings.totalTimeout) = (.seconds(60), .seconds(60))
        settings.listPageSize = 2
        return settings
    }
}
