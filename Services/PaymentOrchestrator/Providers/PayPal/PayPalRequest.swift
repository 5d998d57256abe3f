import FoundationEssentials
import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain

/// What we send to PayPal, by its names.
struct PayPalRequest: Sendable {
    /// Before our name for a try in an order that MUST NOT be captured any more.
    static let calledOffMark = "called-off-"

    let method: HTTPRequest.Method
    let path: String
    var body: [UInt8]?
    /// Given, PayPal answers a repetition with its first answer: hours for orders, weeks for captures and refunds.
    var requestID: String?

    static func order(_ id: String) -> PayPalRequest {
        PayPalRequest(method: .get, path: "/v2/checkout/orders/\(id)")
    }

    static func capture(_ id: String) -> PayPalRequest {
        PayPalRequest(method: .get, path: "/v2/payments/captures/\(id)")
    }

    static func refund(_ id: String) -> PayPalRequest {
        PayPalRequest(method: .get, path: "/v2/payments/refunds/\(id)")
    }

    static func disputes(ofCapture id: String, pageSize: Int) -> PayPalRequest {
        PayPalRequest(
            method: .get, path: "/v1/customer/disputes?disputed_transaction_id=\(id)&page_size=\(pageSize)")
    }

    static func disputes(since: Instant, pageSize: Int, _ place: DisputesPlace) -> PayPalRequest {
        let start = "/v1/customer/disputes?create_time_after=\("\(since)".prefix(19)).000Z&page_size=\(pageSize)"
        switch place {
        case .page(1): return PayPalRequest(method: .get, path: start)
        case .page(let page): return PayPalRequest(method: .get, path: start + "&page=\(page)")
        case .token(let token): return PayPalRequest(method: .get, path: start + "&next_page_token=\(token)")
        }
    }

    /// Where a list of disputes goes on: by number, or by the token of PayPal's older lists, as its link has it.
    enum DisputesPlace: Hashable, Sendable {
        case page(Int)
        case token(String)
    }

    static func dispute(_ id: String) -> PayPalRequest {
        PayPalRequest(method: .get, path: "/v1/customer/disputes/\(id)")
    }

    static func transactions(from: Instant, to: Instant, pageSize: Int, _ page: Int) -> PayPalRequest {
        // Seconds are enough, and fractions of them are not taken.
        let (start, end) = ("\(from)".prefix(19), "\(to)".prefix(19))
        return PayPalRequest(
            method: .get,
            path: "/v1/reporting/transactions?start_date=\(start)Z&end_date=\(end)Z&fields=transaction_info"
                + "&balance_affecting_records_only=Y&page_size=\(pageSize)&page=\(page)")
    }

    static func create(_ order: StartOrder) throws -> PayPalRequest {
        try PayPalRequest(path: "/v2/checkout/orders", Creation(order), requestID: "start-\(order.attempt)")
    }

    /// An order can be captured once, whatever names the request.
    ///
    /// To a name it knows PayPal may say again that the instrument was declined, so that what the client agreed to
    /// after that has another: when the order changed last, or, where PayPal does not say, the ten minutes.
    static func take(_ order: PayPalResponse.Order, at now: Instant) -> PayPalRequest {
        let changed = (order.update_time ?? "").filter { $0.isASCII && $0.isNumber }.prefix(20)
        let approval = changed.isEmpty ? String(now.secondsSince1970 / 600) : String(changed)
        return PayPalRequest(
            method: .post, path: "/v2/checkout/orders/\(order.id)/capture", body: Array("{}".utf8),
            requestID: "capture-\(order.id)-\(approval)")
    }

    /// PayPal cannot call off an order that is to be captured, so the order itself says that it never will be.
    static func callOff(_ order: String, _ attempt: AttemptID?) throws -> PayPalRequest {
        let mark = Mark(value: "\(calledOffMark)\(attempt.map(\.description) ?? "")")
        return PayPalRequest(method: .patch, path: "/v2/checkout/orders/\(order)", body: try json([mark]))
    }

    static func refund(_ order: RefundOrder, capture: String) throws -> PayPalRequest {
        try PayPalRequest(
            path: "/v2/payments/captures/\(capture)/refund",
            Refund(amount: Amount(order.amount), custom_id: order.id.description), requestID: "refund-\(order.id)")
    }

    private init(method: HTTPRequest.Method, path: String, body: [UInt8]? = nil, requestID: String? = nil) {
        self.method = method
        self.path = path
        self.body = body
        self.requestID = requestID
    }

    private init(path: String, _ content: some Encodable, requestID: String) throws {
        self.init(method: .post, path: path, body: try Self.json(content), requestID: requestID)
    }

    private static func json(_ content: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(content))
    }
}

// MARK: Bodies, in PayPal's own spelling

extension PayPalRequest {
    private struct Amount: Encodable {
        let currency_code: String
        let value: String

        init(_ money: Money) {
            currency_code = money.currency.code
            value = money.decimalText(separator: ".")
        }
    }

    private struct Creation: Encodable {
        let intent = "CAPTURE"
        let purchase_units: [Unit]
        let payment_source: Source

        init(_ order: StartOrder) {
            purchase_units = [Unit(order)]
            payment_source = Source(paypal: Wallet(experience_context: Experience(order)))
        }
    }

    private struct Unit: Encodable {
        let reference_id = "default"
        let amount: Amount
        let description: String
        let custom_id: String
        /// PayPal refuses to capture a second order with the same one, so one payment is never paid twice.
        let invoice_id: String

        init(_ order: StartOrder) {
            amount = Amount(order.terms.amount)
            description = String(order.title.prefix(127))
            custom_id = order.attempt.description
            invoice_id = order.terms.id.description
        }
    }

    private struct Source: Encodable {
        let paypal: Wallet
    }

    private struct Wallet: Encodable {
        let experience_context: Experience
    }

    private struct Experience: Encodable {
        let return_url: String
        let cancel_url: String
        let locale: String
        let landing_page = "NO_PREFERENCE"
        let shipping_preference = "NO_SHIPPING"
        let user_action = "PAY_NOW"

        init(_ order: StartOrder) {
            return_url = order.addresses.accepted
            cancel_url = order.addresses.cancelled
            locale =
                switch order.client.language {
                case .french: "fr-FR"
                case .english: "en-GB"
                }
        }
    }

    private struct Mark: Encodable {
        let op = "replace"
        let path = "/purchase_units/@reference_id=='default'/custom_id"
        let value: String
    }

    private struct Refund: Encodable {
        let amount: Amount
        let custom_id: String
    }
}
