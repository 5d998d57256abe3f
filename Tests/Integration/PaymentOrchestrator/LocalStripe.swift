import Foundation
import HTTPClient
import Logging
import TestSupport

/// Somebody else's idea of Stripe: the Python package `localstripe`, a process of its own that ends with the test.
///
/// It has payment intents, refunds and signed events; no Checkout, no idempotency, no payouts.
final class LocalStripe: Sendable {
    let url: String
    private let process: ExternalProcess
    private let client = HTTPClient(logger: Logger(label: "localstripe"))

    struct Refused: Error {
        let path: String
        let status: Int
    }

    init() async throws {
        process = try ExternalProcess(
            script: "Tests/Integration/PaymentOrchestrator/on_loopback.py", ["localstripe", "--from-scratch"])
        url = process.firstLine
        for _ in 0..<200 {
            if (try? await client.send(HTTPRequest(.get, url + "/v1/balance", headers: Self.headers))) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ExternalProcess.Failure(reason: "localstripe does not answer")
    }

    private static let headers = [
        ("Authorization", "Bearer sk_test_localstripe"), ("Content-Type", "application/x-www-form-urlencoded"),
    ]

    /// Posts a form; answers a member of the JSON that comes back.
    @discardableResult
    func post(_ path: String, _ form: String, answering member: String = "id") async throws -> String {
        let response = try await client.send(
            HTTPRequest(.post, url + path, headers: Self.headers, body: Array(form.utf8)))
        guard response.isSuccess else { throw Refused(path: path, status: response.status) }
        let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return json?[member] as? String ?? ""
    }

    /// A payment intent of a card, confirmed.
    func intent(_ cents: Int, card: String = "4242424242424242", metadata: String = "") async throws -> String {
        let method = try await post(
            "/v1/payment_methods",
            "type=card&card[number]=\(card)&card[exp_month]=12&card[exp_year]=2039&card[cvc]=123")
        let customer = try await post("/v1/customers", "email=ada@example.org")
        try await post("/v1/payment_methods/\(method)/attach", "customer=\(customer)")
        return try await post(
            "/v1/payment_intents",
            "amount=\(cents)&currency=eur&customer=\(customer)&payment_method=\(method)&confirm=true\(metadata)")
    }
}
