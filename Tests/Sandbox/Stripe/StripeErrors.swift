/// Stripe's error bodies.
enum StripeError {
    static func make(
        type: String = "invalid_request_error", code: String? = nil, _ message: String, param: String? = nil,
        status: Int = 400
    ) -> Refusal {
        var body: JSON = ["type": .text(type), "message": .text(message)]
        if let code {
            body.set("code", to: .text(code))
            body.set("doc_url", to: .text("https://stripe.example/docs/error-codes/\(code)"))
        }
        if let param { body.set("param", to: .text(param)) }
        return Refusal(.json(["error": body], status: status))
    }

    static let badKey = make("Invalid API Key provided", status: 401)

    static func unknown(_ kind: String, _ id: String) -> Refusal {
        make(code: "resource_missing", "No such \(kind): '\(id)'", param: "id", status: 404)
    }

    static func missing(_ param: String) -> Refusal {
        make(code: "parameter_missing", "Missing required param: \(param).", param: param)
    }

    static func invalid(_ param: String, _ message: String, code: String = "parameter_invalid_integer") -> Refusal {
        make(code: code, message, param: param)
    }
}
