/// A Checkout session: the page where a client pays.
struct StripeSession: Sendable {
    enum Status: String, Sendable { case open, complete, expired }

    let id: String
    let accountID: String
    let created: Int64
    var expiresAt: Int64
    let amount: Int64
    let currency: String
    let title: String
    let email: String?
    let locale: String?
    let clientReference: String?
    let successURL: String
    let cancelURL: String?
    let metadata: JSON
    let intentMetadata: JSON
    let captureMethod: String
    var status = Status.open
    var intentID: String?

    func json(url: String, isPaid: Bool) -> JSON {
        [
            "id": .text(id), "object": "checkout.session", "amount_subtotal": .integer(amount),
            "amount_total": .integer(amount), "cancel_url": .optional(cancelURL),
            "client_reference_id": .optional(clientReference), "created": .integer(created),
            "currency": .text(currency), "customer": .null, "customer_details": .null,
            "customer_email": .optional(email), "expires_at": .integer(expiresAt), "livemode": false,
            "locale": .optional(locale), "metadata": metadata, "mode": "payment",
            "payment_intent": .optional(intentID), "payment_method_types": ["card"],
            "payment_status": isPaid ? "paid" : "unpaid", "status": .text(status.rawValue),
            "success_url": .text(successURL), "ui_mode": "hosted_page", "url": status == .open ? .text(url) : .null,
        ]
    }
}

extension StripeSession {
    static let known: Set<String> = [
        "mode", "line_items", "success_url", "cancel_url", "client_reference_id", "customer_email", "locale",
        "metadata", "payment_intent_data", "payment_method_types", "expires_at", "after_expiration", "expand",
    ]

    init(_ form: JSON, account: StripeAccount, id: String, at now: Int64) throws {
        if case .object(let members) = form, let odd = members.first(where: { !Self.known.contains($0.key) }) {
            throw StripeError.make(
                code: "parameter_unknown", "Received unknown parameter: \(odd.key)", param: odd.key)
        }
        guard form["mode"]?.asText == "payment" else { throw StripeError.missing("mode") }
        guard let success = form["success_url"]?.asText else { throw StripeError.missing("success_url") }
        guard let item = form["line_items"]?["0"], let price = item["price_data"] else {
            throw StripeError.missing("line_items[0][price_data]")
        }
        guard let currency = price["currency"]?.asText, currency == currency.lowercased(), currency.count == 3 else {
            throw StripeError.invalid("line_items[0][price_data][currency]", "Invalid currency")
        }
        guard let unit = price["unit_amount"]?.asWholeText, let count = item["quantity"]?.asWholeText, count > 0 else {
            throw StripeError.invalid("line_items[0][price_data][unit_amount]", "Invalid integer")
        }
        guard (50...99_999_999).contains(unit * count) else {
            throw StripeError.invalid("line_items", "The amount is too small or too large", code: "amount_too_small")
        }
        guard let title = price["product_data"]?["name"]?.asText, !title.isEmpty else {
            throw StripeError.missing("line_items[0][price_data][product_data][name]")
        }
        let expiresAt = form["expires_at"]?.asWholeText ?? now + 86_400
        guard (now + 1_800...now + 86_400).contains(expiresAt) else {
            throw StripeError.invalid("expires_at", "Must be between 30 minutes and 24 hours from now")
        }
        (self.id, accountID, created, self.expiresAt) = (id, account.id, now, expiresAt)
        (amount, self.currency, self.title, successURL) = (unit * count, currency, title, success)
        email = form["customer_email"]?.asText
        locale = form["locale"]?.asText
        clientReference = form["client_reference_id"]?.asText
        cancelURL = form["cancel_url"]?.asText
        metadata = form["metadata"] ?? [:]
        intentMetadata = form["payment_intent_data"]?["metadata"] ?? [:]
        captureMethod = form["payment_intent_data"]?["capture_method"]?.asText ?? "automatic_async"
    }
}
