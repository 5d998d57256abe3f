/// PayPal's error bodies.
enum PayPalError {
    static func make(_ name: String, issue: String? = nil, field: String? = nil, status: Int) -> Refusal {
        var detail: JSON = [:]
        if let issue { detail.set("issue", to: .text(issue)) }
        if let field { detail.set("field", to: .text(field)) }
        return Refusal(
            .json(
                [
                    "name": .text(name), "message": .text("The request was refused."), "debug_id": "f0debug00sandbox",
                    "details": issue == nil ? [] : [detail],
                ], status: status))
    }

    static let badClient = Refusal(
        .json(
            ["error": "invalid_client", "error_description": "Client Authentication failed"], status: 401))
    static let badToken = Refusal(
        .json(["error": "invalid_token", "error_description": "Access Token not found in cache"], status: 401))
    static let unknown = make("RESOURCE_NOT_FOUND", issue: "INVALID_RESOURCE_ID", status: 404)

    static func unprocessable(_ issue: String) -> Refusal { make("UNPROCESSABLE_ENTITY", issue: issue, status: 422) }

    static func invalid(_ field: String, _ issue: String) -> Refusal {
        make("INVALID_REQUEST", issue: issue, field: field, status: 400)
    }
}

extension Cents {
    /// PayPal's amount, decimal text with its currency.
    static func money(_ cents: Int64, _ currency: String) -> JSON {
        ["currency_code": .text(currency), "value": .text(text(cents))]
    }

    /// `12.34` is 1234; anything with other than two digits after the point is no amount here.
    static func read(_ json: JSON?) -> (cents: Int64, currency: String)? {
        guard let text = json?["value"]?.asText, let currency = json?["currency_code"]?.asText else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2, let whole = Int64(parts[0]), let rest = Int64(parts[1]), whole >= 0
        else { return nil }
        return (whole * 100 + rest, currency)
    }
}
