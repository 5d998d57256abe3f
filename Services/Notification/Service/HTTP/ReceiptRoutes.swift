import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Takes in delivery receipts of gateways (NOT-10).
///
/// What is about no message of ours is answered with 200: it will not be better the next time.
struct ReceiptRoutes {
    let database: Database
    let gateways: ReceiptSettings
    let ids: IdentifierSource
    let messages = MessageStore()
    let receipts = ReceiptStore()
    let take: TakeReceipt

    var routes: [Route] {
        [
            route(.post, "smsfactor", "takeSMSFactorReceipt", takeSMSFactor),
            route(.get, "ovhcloud", "takeOVHcloudReceipt", takeOVHcloud),
            route(.post, "twilio", "takeTwilioReceipt", takeTwilio),
            route(.get, "kannel", "takeKannelReceipt", takeKannel),
            route(.get, "http", "takeHTTPReceipt", takeHTTP), route(.post, "http", "takePostedHTTPReceipt", takeHTTP),
        ]
    }

    private func route(
        _ method: HTTPMethod, _ gateway: String, _ operation: String,
        _ handle: @escaping @Sendable (Request) async throws -> Response?
    ) -> Route {
        .ofGateway(method, gateway, "receipts", operation: operation, handle)
    }

    @Sendable private func takeSMSFactor(_ request: Request) async throws -> Response? {
        try gateways.requireSMSFactor(request)
        return try await keep(SMSFactorReceipt.read(request.body), from: "smsfactor")
    }

    /// The account's address has our secret in it, since these receipts are not signed.
    @Sendable private func takeOVHcloud(_ request: Request) async throws -> Response? {
        let query = request.values()
        try gateways.requireOwn(query("key"))
        return try await keep(OVHcloudReceipt.read(query), from: "ovhcloud")
    }

    @Sendable private func takeTwilio(_ request: Request) async throws -> Response? {
        let id = request.values()("message")
        let form = try gateways.twilioForm(request, at: "receipts" + (id.map { "?message=\($0)" } ?? ""))
        return try await keep(TwilioReceipt.read(message: id, form: form), from: "twilio")
    }

    @Sendable private func takeKannel(_ request: Request) async throws -> Response? {
        guard let secret = gateways.own, let receipt = KannelReceipt.read(request.values(), secret: secret) else {
            throw Problem.notSigned
        }
        return try await keep(receipt, from: "kannel")
    }

    @Sendable private func takeHTTP(_ request: Request) async throws -> Response? {
        guard let template = gateways.template, let secret = gateways.templateSecret else { throw Problem.notSigned }
        let receipt = template.receipt(request.fields(), body: request.body, secret: secret)
        if template.receiptsNameReferences {
            try gateways.requireOwn(request.values()("key"))
        } else if receipt == nil {
            throw Problem.notSigned
        }
        return try await keep(receipt, from: template.name)
    }

    private func keep(_ receipt: GatewayReceipt?, from gateway: String) async throws -> Response? {
        guard let receipt else { return nil }
        let record = ReceiptRecord(gateway: gateway, code: receipt.code, verdict: receipt.verdict)
        guard let owner = try await owner(of: record, receipt.subject) else { return .empty(.ok) }
        let id = owner.message.id
        // The next try may end as this one did.
        let run = "\(id)/\(gateway)/\(record.code)/\(owner.message.tries)"
        let cause = Cause(
            .job(name: "receipt", run: run), organisation: owner.organisation, actor: gateway,
            correlation: CorrelationID(id.value))
        try await database.change(because: cause) { change in try take.run(record, for: id, in: &change) }
        return .empty(.ok)
    }

    private func owner(
        of record: ReceiptRecord, _ subject: GatewayReceipt.Subject
    ) async throws -> MessageRecord? {
        switch subject {
        case .another: return nil
        case .message(let id):
            return try await database.read(organisation: nil) { transaction in try messages.find(id, &transaction) }
        case .reference(let reference):
            return try await database.maintain(organisation: nil) { transaction in
                guard let id = try receipts.owner(of: record, reference, in: &transaction) else { return nil }
                return try messages.find(id, &transaction)
            }
        }
    }
}

/// What proves to us that a receipt, or a reply, is the gateway's.
struct ReceiptSettings: Sendable {
    let smsFactor: Secret
    /// In addresses: of Kannel and OVHcloud, whose receipts are not signed, and of a described gateway that names its
    /// own ids.
    let own: Secret?
    let twilio: Secret?
    /// Where gateways reach our webhooks from outside, such as `https://pay.example/webhooks`.
    let url: String?
    let template: HTTPTemplate?
    let templateSecret: Secret?

    /// Signed, or at an address with our secret in it: how SMSFactor signs is in none of its pages, and nothing it
    /// tells is lost where it signs in another way.
    func requireSMSFactor(_ request: Request) throws {
        let signature = request.headers[SMSFactorReceipt.signatureHeader] ?? ""
        if SMSFactorReceipt.isGenuine(signature, of: request.body, secret: smsFactor) { return }
        try requireOwn(request.values()("key"))
    }

    /// Of a gateway that does not sign, as far as we know: the address it was given has our secret in it.
    func requireOwn(_ key: String?) throws {
        guard let secret = own, ReceiptProof.isSame(key ?? "", secret.reveal()) else { throw Problem.notSigned }
    }

    /// The form of a call that Twilio signed together with the address it was given, of which this is the end.
    func twilioForm(_ request: Request, at end: String) throws -> [(String, String)] {
        guard let token = twilio, let address = url else { throw Problem.notSigned }
        let form = FormFields.pairs(request.body)
        let signature = request.headers[TwilioReceipt.signatureHeader] ?? ""
        guard TwilioReceipt.isGenuine(signature, url: "\(address)/twilio/\(end)", form: form, token: token) else {
            throw Problem.notSigned
        }
        return form
    }
}

/// The fields of a form.
enum FormFields {
    static func pairs(_ body: [UInt8]) -> [(String, String)] {
        body.split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(halves[0]), halves.count > 1 ? decoded(halves[1]) : "")
        }
    }

    /// What is not well-formed stands as it is: the signature decides, not we.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Request {
    /// The same, of the query or of a form in the body.
    func fields() -> (String) -> String? {
        let (query, form) = (values(), FormFields.pairs(body))
        return { name in query(name) ?? form.first { $0.0 == name }?.1 }
    }

    /// Reads single values of the query, as gateways send them and whatever else they send; a reply may have lines.
    func values() -> @Sendable (String) -> String? {
        { name in query().optionalString(name, max: 1_000, .lines) }
    }
}
