import FoundationEssentials
import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain

/// What we send to Alma, by its names.
struct AlmaRequest: Sendable {
    let method: HTTPRequest.Method
    let path: String
    var body: [UInt8]?
    /// What kind of answer is wanted.
    private(set) var accept = "application/json"
    /// The longest answer taken, where it is not the usual one.
    private(set) var bytesMax: Int?

    static let account = AlmaRequest(method: .get, path: "/v1/me/extended-data")

    static func payment(_ reference: String) -> AlmaRequest {
        AlmaRequest(method: .get, path: "/v1/payments/\(reference)")
    }

    static func payments(pageSize: Int, after reference: String?) -> AlmaRequest {
        let after = reference.map { "&starting_after=\($0)" } ?? ""
        return AlmaRequest(method: .get, path: "/v1/payments?limit=\(pageSize)\(after)")
    }

    static func movements(pageSize: Int, after reference: String?) -> AlmaRequest {
        let after = reference.map { "&starting_after=\($0)" } ?? ""
        return AlmaRequest(method: .get, path: "/v1/balance-transactions?limit=\(pageSize)\(after)")
    }

    /// The type of an export that is all of one payout.
    static let payoutExport = "accounting_for_payout"

    static func exports(pageSize: Int) -> AlmaRequest {
        AlmaRequest(method: .get, path: "/v1/data-exports?limit=\(pageSize)")
    }

    static func export(ofPayout reference: String) throws -> AlmaRequest {
        try AlmaRequest(
            method: .post, path: "/v1/data-exports", json: ExportWish(type: payoutExport, payout: reference))
    }

    static func export(_ reference: String) -> AlmaRequest {
        AlmaRequest(method: .get, path: "/v1/data-exports/\(reference)")
    }

    static func file(of export: String, bytesMax: Int) -> AlmaRequest {
        var request = AlmaRequest(method: .get, path: "/v1/data-exports/\(export)?format=csv")
        (request.accept, request.bytesMax) = ("text/csv", bytesMax)
        return request
    }

    /// Some front ends answer 411 to a PUT without a body, so an empty one is sent.
    static func cancel(_ reference: String) -> AlmaRequest {
        AlmaRequest(method: .put, path: "/v1/payments/\(reference)/cancel", body: [])
    }

    static func create(_ order: StartOrder, origin: String) throws -> AlmaRequest {
        try AlmaRequest(method: .post, path: "/v1/payments", json: Creation(order, origin: origin))
    }

    static func refund(_ order: RefundOrder, path: AlmaSettings.RefundPath) throws -> AlmaRequest {
        try AlmaRequest(
            method: .post, path: "/v1/payments/\(order.reference)/\(path.rawValue)",
            json: Refund(amount: order.amount.minorUnits, merchant_reference: order.id.description))
    }

    static func eligibility(_ question: EligibilityQuestion, origin: String) throws -> AlmaRequest {
        try AlmaRequest(method: .post, path: "/v2/payments/eligibility", json: Eligibility(question, origin: origin))
    }

    private init(method: HTTPRequest.Method, path: String, body: [UInt8]? = nil) {
        self.method = method
        self.path = path
        self.body = body
    }

    private init(method: HTTPRequest.Method, path: String, json: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(method: method, path: path, body: [UInt8](try encoder.encode(json)))
    }
}

// MARK: Bodies, in Alma's own spelling

extension AlmaRequest {
    private struct Creation: Encodable {
        let payment: Payment
        let customer: Customer
        let order: Order

        init(_ order: StartOrder, origin: String) {
            payment = Payment(order, origin: origin)
            customer = Customer(order.client)
            self.order = Order(merchant_reference: order.terms.id.description)
        }
    }

    private struct Payment: Encodable {
        let purchase_amount: Int64
        let installments_count: Int
        let deferred_days: Int
        let return_url: String
        let customer_cancel_url: String
        let failure_return_url: String
        let ipn_callback_url: String
        let expires_after: Int64
        let locale: String
        let origin: String
        let custom_data: CustomData
        let merchant_covers_all_fees: Bool
        let billing_address: Address

        init(_ order: StartOrder, origin: String) {
            purchase_amount = order.terms.amount.minorUnits
            installments_count = order.terms.plan.instalments
            deferred_days = order.terms.plan.deferredDays
            return_url = order.addresses.accepted
            customer_cancel_url = order.addresses.cancelled
            failure_return_url = order.addresses.refused
            ipn_callback_url = order.addresses.notification
            expires_after = max(1, order.lifetime.components.seconds / 60)
            locale = order.client.language.rawValue
            self.origin = origin
            custom_data = CustomData(
                quittance_attempt: order.attempt.description, quittance_payment: order.terms.id.description)
            merchant_covers_all_fees = order.terms.feeOffered
            billing_address = Address(order.client)
        }
    }

    private struct CustomData: Encodable {
        let quittance_attempt: String
        let quittance_payment: String
    }

    private struct Address: Encodable {
        let first_name: String
        let last_name: String
        let line1: String?
        let postal_code: String?
        let city: String
        let country: String
        let email: String
        let phone: String

        init(_ client: ClientDetails) {
            first_name = client.firstName
            last_name = client.lastName
            line1 = client.addressLine
            postal_code = client.postalCode
            city = client.town
            country = client.country
            email = client.email.text
            phone = client.phone.e164
        }
    }

    private struct Customer: Encodable {
        let first_name: String
        let last_name: String
        let email: String
        let phone: String
        let addresses: [Address]

        init(_ client: ClientDetails) {
            first_name = client.firstName
            last_name = client.lastName
            email = client.email.text
            phone = client.phone.e164
            addresses = [Address(client)]
        }
    }

    private struct Order: Encodable {
        let merchant_reference: String
    }

    private struct Refund: Encodable {
        let amount: Int64
        let merchant_reference: String
    }

    private struct ExportWish: Encodable {
        let type: String
        let payout: String
    }

    private struct Eligibility: Encodable {
        struct Query: Encodable {
            let installments_count: Int
            let deferred_days: Int
        }
        struct Country: Encodable {
            let country: String
        }
        let purchase_amount: Int64
        let queries: [Query]
        let billing_address: Country
        let shipping_address: Country
        let merchant_covers_all_fees: Bool
        let origin: String

        init(_ question: EligibilityQuestion, origin: String) {
            purchase_amount = question.amount.minorUnits
            queries = question.plans.map {
                Query(installments_count: $0.instalments, deferred_days: $0.deferredDays)
            }
            billing_address = Country(country: question.country)
            shipping_address = Country(country: question.country)
            merchant_covers_all_fees = question.feeOffered
            self.origin = origin
        }
    }
}
