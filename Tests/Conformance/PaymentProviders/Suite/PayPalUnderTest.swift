import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TestSupport

extension ProviderUnderTest {
    /// An instrument that is declined may be followed by another one; an order that is gone is over.
    static let paypal = ProviderUnderTest(
        provider: .paypal, plan: .now,
        operations: Operations(
            start: "paypal.create-order", read: "paypal.get-order", cancel: "paypal.update-order",
            refund: "paypal.refund-capture"),
        endings: [.accept: .paid, .decline: .pending, .giveUp: .pending, .expire: .lapsed, .leave: .pending],
        unheardOf: #"{"status":"NEVER_SEEN"}"#,
        otherPayment: """
            {"id":"ANOTHERORDER00001","purchase_units":[
                {"amount":{"currency_code":"EUR","value":"200.00"},"custom_id":"\(AttemptID(99))"}]}
            """,
        otherRefund: #"{"id":"ANOTHERREFUND001","custom_id":"\#(RefundID(99))"}"#,
        otherCurrency: (
            start: #"{"purchase_units":[{"amount":{"currency_code":"USD","value":"200.00"}}]}"#,
            refund: #"{"amount":{"currency_code":"USD","value":"1.00"}}"#
        ),
        adapter: { sandbox, transport in
            PayPalProvider(.tests(sandbox.paypalURL), transport: transport)
        },
        connect: { sandbox, name, notifications in
            try await sandbox.control(
                .post, "/paypal/accounts",
                """
                {"clientID":"client_\(name)","secret":"secret_\(name)","webhookID":"WH-\(name)",
                 "iban":"\(ProviderBench.iban)",
                 "webhookURL":"\(notifications)"}
                """)
            // An account of its own has a name of its own: tokens are remembered by it.
            let id = name == "clinic" ? ProviderAccountID(1) : ProviderAccountID(2)
            return AccountAccess(
                id: id,
                credentials: ProviderCredentials(
                    key: Secret("secret_\(name)"), client: "client_\(name)", notifications: Secret("WH-\(name)")))
        })
}

extension PayPalSettings {
    /// For the world without money, at an address.
    static func tests(_ url: String) -> PayPalSettings {
        var settings = PayPalSettings(time: .system)
        settings.mode = .test
        settings.testURL = url
        settings.testCertificates = url + "/v1/notifications/certs/"
        (settings.connectTimeout, settings.totalTimeout) = (.seconds(60), .seconds(60))
        settings.reportPageSize = 2
        settings.disputePageSize = 2
        return settings
    }
}
