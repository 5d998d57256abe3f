import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain

/// What we send to Stripe, by its names.
struct StripeRequest: Sendable {
    /// Our name for a try, in the metadata of session, intent and charge.
    static let attemptName = "quittance_attempt"
    /// Our name for a payment, beside it.
    static let paymentName = "quittance_payment"
    /// Our name for a refund.
    static let refundName = "quittance_refund"

    let method: HTTPRequest.Method
    let path: String
    var form = StripeForm()
    /// Given, Stripe answers a repetition with its first answer.
    var idempotencyKey: String?

    static let account = StripeRequest(method: .get, path: "/v1/account")

    static func session(_ id: String) -> StripeRequest {
        StripeRequest(method: .get, path: "/v1/checkout/sessions/\(id)")
    }

    static func sessions(ofIntent id: String) -> StripeRequest {
        var request = StripeRequest(method: .get, path: "/v1/checkout/sessions")
        request.form.set("payment_intent", id)
        return request
    }

    static func sessions(since instant: Instant, pageSize: Int, after last: String?) -> StripeRequest {
        made("/v1/checkout/sessions", since: instant.secondsSince1970, pageSize: pageSize, after: last)
    }

    static func disputes(ofIntent id: String, pageSize: Int, after last: String?) -> StripeRequest {
        var request = StripeRequest(method: .get, path: "/v1/disputes")
        request.form.set("payment_intent", id)
        request.form.set("limit", String(pageSize))
        request.form.set("starting_after", last)
        return request
    }

    static func disputes(since instant: Instant, pageSize: Int, after last: String?) -> StripeRequest {
        made("/v1/disputes", since: instant.secondsSince1970, pageSize: pageSize, after: last)
    }

    static func intent(_ id: String) -> StripeRequest {
        var request = StripeRequest(method: .get, path: "/v1/payment_intents/\(id)")
        request.form.set("expand[]", "latest_charge.balance_transaction")
        return request
    }

    static func refunds(ofIntent id: String, pageSize: Int, after last: String?) -> StripeRequest {
        var request = StripeRequest(method: .get, path: "/v1/refunds")
        request.form.set("payment_intent", id)
        request.form.set("limit", String(pageSize))
        request.form.set("starting_after", last)
        return request
    }

    static func refunds(since instant: Instant, pageSize: Int, after last: String?) -> StripeRequest {
        made("/v1/refunds", since: instant.secondsSince1970, pageSize: pageSize, after: last)
    }

    static func payouts(since seconds: Int64, pageSize: Int, after last: String?) -> StripeRequest {
        made("/v1/payouts", since: seconds, pageSize: pageSize, after: last)
    }

    /// A page of what was made since.
    private static func made(
        _ path: String, since seconds: Int64, pageSize: Int, after last: String?
    ) -> StripeRequest {
        var request = StripeRequest(method: .get, path: path)
        request.form.set("created[gte]", String(max(seconds, 0)))
        request.form.set("limit", String(pageSize))
        request.form.set("starting_after", last)
        return request
    }

    static func movements(of payout: String, pageSize: Int, after last: String?) -> StripeRequest {
        var request = StripeRequest(method: .get, path: "/v1/balance_transactions")
        request.form.set("payout", payout)
        request.form.set("expand[]", "data.source")
        request.form.set("limit", String(pageSize))
        request.form.set("starting_after", last)
        return request
    }

    static func expire(_ session: String) -> StripeRequest {
        StripeRequest(method: .post, path: "/v1/checkout/sessions/\(session)/expire")
    }

    static func refund(_ order: RefundOrder, intent: String) -> StripeRequest {
        var request = StripeRequest(method: .post, path: "/v1/refunds")
        request.form.set("payment_intent", intent)
        request.form.set("amount", String(order.amount.minorUnits))
        request.form.set("metadata[\(refundName)]", order.id.description)
        request.idempotencyKey = "refund-\(order.id)"
        return request
    }

    /// Everything in it follows from the order, so that a repetition is the same request to the letter.
    static func create(_ order: StartOrder, _ settings: StripeSettings) -> StripeRequest {
        var request = StripeRequest(method: .post, path: "/v1/checkout/sessions")
        request.idempotencyKey = "start-\(order.attempt)"
        request.form.set("mode", "payment")
        request.form.set("client_reference_id", order.attempt.description)
        request.form.set("customer_email", order.client.email.text)
        request.form.set("locale", order.client.language.rawValue)
        request.form.set("success_url", order.addresses.accepted)
        request.form.set("cancel_url", order.addresses.cancelled)
        request.form.set("expires_at", expiry(of: order).map { String($0.secondsSince1970) })
        for (index, method) in settings.paymentMethods.enumerated() {
            request.form.set("payment_method_types[\(index)]", method)
        }
        // By default Stripe captures behind its answer, and has no fee yet when the payment is read back.
        request.form.set("payment_intent_data[capture_method]", "automatic")
        request.setItem(order)
        for owner in ["metadata", "payment_intent_data[metadata]"] {
            request.form.set("\(owner)[\(attemptName)]", order.attempt.description)
            request.form.set("\(owner)[\(paymentName)]", order.terms.id.description)
        }
        return request
    }

    private mutating func setItem(_ order: StartOrder) {
        let amount = order.terms.amount
        form.set("line_items[0][quantity]", "1")
        form.set("line_items[0][price_data][currency]", amount.currency.code.lowercased())
        form.set("line_items[0][price_data][unit_amount]", String(amount.minorUnits))
        form.set("line_items[0][price_data][product_data][name]", order.title)
    }

    /// Stripe takes half an hour to a day from now, and a day when nothing is said; a minute is for the way.
    private static func expiry(of order: StartOrder) -> Instant? {
        let (shortest, longest) = (Duration.seconds(31 * 60), Duration.seconds(24 * 3_600 - 60))
        guard order.lifetime < longest else { return nil }
        return order.lifetime < shortest ? order.terms.expiresAt.adding(shortest) : order.terms.expiresAt
    }
}
