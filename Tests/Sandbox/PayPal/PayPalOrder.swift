/// An order with its one purchase unit, from the link to the refunds.
struct PayPalOrder: Sendable {
    struct Capture: Sendable {
        let id: String
        let at: Int64
        let fee: Int64
        var status: String
    }

    struct Refund: Sendable {
        let id: String
        let at: Int64
        let amount: Int64
        let customID: String?
        var status: String
    }

    /// Unapproved and uncaptured orders are gone after so long.
    static let lifetimeSeconds: Int64 = 6 * 3_600

    let id: String
    let clientID: String
    let created: Int64
    let amount: Int64
    let currency: String
    let referenceID: String
    let description: String?
    let invoiceID: String?
    let returnURL: String
    let cancelURL: String
    var customID: String?
    /// When the client last agreed, which is never the same for two.
    var updated: Int64
    var status = "PAYER_ACTION_REQUIRED"
    /// What is the matter with the next capture, such as an instrument that is declined.
    var nextCaptureIssue: String?
    /// Whether PayPal looks at the next capture before it takes the money.
    var capturesSlowly = false
    /// Gone before its time, by the control API.
    var isForgotten = false
    var capture: Capture?
    var refunds: [Refund] = []

    var isOpen: Bool { capture == nil && (status == "PAYER_ACTION_REQUIRED" || status == "APPROVED") }

    var refunded: Int64 { refunds.filter { $0.status != "FAILED" }.reduce(0) { $0 + $1.amount } }

    func isGone(at now: Int64) -> Bool { isForgotten || (capture == nil && now - created >= Self.lifetimeSeconds) }

    init(_ body: JSON, clientID: String, id: String, at now: Int64) throws {
        guard body["intent"]?.asText == "CAPTURE" else {
            throw PayPalError.invalid("/intent", "INVALID_PARAMETER_VALUE")
        }
        guard let units = body["purchase_units"]?.asList, units.count == 1 else {
            throw PayPalError.invalid("/purchase_units", "MISSING_REQUIRED_PARAMETER")
        }
        guard let money = Cents.read(units[0]["amount"]), money.cents > 0, money.currency.count == 3 else {
            throw PayPalError.invalid("/purchase_units/@reference_id=='default'/amount/value", "DECIMAL_PRECISION")
        }
        guard let context = body["payment_source"]?["paypal"]?["experience_context"],
            let returnURL = context["return_url"]?.asText, let cancelURL = context["cancel_url"]?.asText
        else { throw PayPalError.invalid("/payment_source/paypal/experience_context", "MISSING_REQUIRED_PARAMETER") }
        for (name, most) in [("custom_id", 127), ("invoice_id", 127), ("description", 127), ("reference_id", 256)] {
            guard units[0][name]?.asText.map({ $0.count <= most }) ?? true else {
                throw PayPalError.invalid("/purchase_units/0/\(name)", "INVALID_STRING_MAX_LENGTH")
            }
        }
        (self.id, self.clientID, created, updated) = (id, clientID, now, now)
        (amount, currency) = money
        referenceID = units[0].given("reference_id")?.asText ?? "default"
        description = units[0].given("description")?.asText
        invoiceID = units[0].given("invoice_id")?.asText
        customID = units[0].given("custom_id")?.asText
        (self.returnURL, self.cancelURL) = (returnURL, cancelURL)
    }
}

extension PayPalOrder {
    func json(baseURL: String) -> JSON {
        var unit: JSON = [
            "reference_id": .text(referenceID), "amount": Cents.money(amount, currency),
            "description": .optional(description), "custom_id": .optional(customID),
            "invoice_id": .optional(invoiceID),
        ]
        if capture != nil {
            unit.set(
                "payments",
                to: [
                    "captures": [captureJSON(baseURL: baseURL)],
                    "refunds": .list(refunds.map { json(of: $0, baseURL: baseURL) }),
                ])
        }
        let own = "\(baseURL)/v2/checkout/orders/\(id)"
        var links: [JSON] = [["href": .text(own), "rel": "self", "method": "GET"]]
        if isOpen {
            links.append(["href": .text("\(baseURL)/checkout/\(id)"), "rel": "payer-action", "method": "GET"])
        }
        return [
            "id": .text(id), "intent": "CAPTURE", "status": .text(status), "create_time": .text(Self.time(created)),
            "update_time": .text(Self.time(updated)), "payment_source": ["paypal": [:]], "purchase_units": [unit],
            "links": .list(links),
        ]
    }

    func captureJSON(baseURL: String) -> JSON {
        guard let capture else { return .null }
        return [
            "id": .text(capture.id), "status": .text(capture.status), "amount": Cents.money(amount, currency),
            "custom_id": .optional(customID), "invoice_id": .optional(invoiceID), "final_capture": true,
            "create_time": .text(Self.time(capture.at)), "update_time": .text(Self.time(capture.at)),
            "seller_receivable_breakdown": [
                "gross_amount": Cents.money(amount, currency), "paypal_fee": Cents.money(capture.fee, currency),
                "net_amount": Cents.money(amount - capture.fee, currency),
            ],
            "supplementary_data": ["related_ids": ["order_id": .text(id)]],
            "links": [
                ["href": .text("\(baseURL)/v2/payments/captures/\(capture.id)"), "rel": "self", "method": "GET"],
                ["href": .text("\(baseURL)/v2/checkout/orders/\(id)"), "rel": "up", "method": "GET"],
            ],
        ]
    }

    func json(of refund: Refund, baseURL: String) -> JSON {
        [
            "id": .text(refund.id), "status": .text(refund.status), "amount": Cents.money(refund.amount, currency),
            "custom_id": .optional(refund.customID), "create_time": .text(Self.time(refund.at)),
            "links": [
                [
                    "href": .text("\(baseURL)/v2/payments/captures/\(capture?.id ?? "")"), "rel": "up",
                    "method": "GET",
                ]
            ],
        ]
    }

    static func time(_ seconds: Int64) -> String { dateTimeText(unixSeconds: seconds) + "Z" }
}
