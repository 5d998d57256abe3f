import Foundation
import HTTPClient
import PaymentModel
import ServiceRuntime
import TestSupport

// What somebody does to refunds at Stripe or PayPal without an order from here.
extension PrivateSandbox {
    /// Somebody gives money back on the provider's own page, of one of its objects as it is held there; answers the
    /// refund's name.
    ///
    /// `account` is what the names and keys of the account end with, such as `story` of `sk_test_story`.
    func giveBackByHand(
        _ cents: Int, of object: SandboxJSON, at provider: Provider, account: String
    ) async throws -> String {
        let answer: SandboxAnswer
        switch provider {
        case .stripe:
            answer = try await call(
                .post, "/stripe/v1/refunds", "payment_intent=\(object["intent"]["id"].string)&amount=\(cents)",
                headers: [("Authorization", "Bearer sk_test_\(account)")])
        case .paypal:
            let login = Data("client_\(account):secret_\(account)".utf8).base64EncodedString()
            let token = try await call(
                .post, "/paypal/v1/oauth2/token", "grant_type=client_credentials",
                headers: [("Authorization", "Basic \(login)")])
            let capture = object["purchase_units"][0]["payments"]["captures"][0]["id"].string
            answer = try await call(
                .post, "/paypal/v2/payments/captures/\(capture)/refund",
                #"{"amount":{"value":"\#(cents / 100).00","currency_code":"EUR"}}"#,
                headers: [
                    ("Authorization", "Bearer \(token.json["access_token"].string)"),
                    ("PayPal-Request-Id", "by-hand-\(IdentifierSource.system.next())"),
                ])
        case .alma: throw BenchFailure(text: "nobody gives back by hand at Alma here")
        }
        guard (200..<300).contains(answer.status) else { throw BenchFailure(text: answer.text) }
        return answer.json["id"].string
    }

    /// What the provider says of a refund from now on: pending, succeeded.
    func settle(_ refund: String, at provider: Provider, as status: String) async throws {
        let word = provider == .stripe ? status : (status == "pending" ? "PENDING" : "COMPLETED")
        try await control(.post, "/\(provider.rawValue)/refunds/\(refund)", #"{"status":"\#(word)"}"#)
    }
}
