import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// How the caller's organisation sends.
struct PolicyRoutes {
    let database: Database
    /// The gateways there are accounts at.
    let gateways: [String]
    let policies = PolicyStore()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/sending-policy", operation: "getSendingPolicy",
                access: .roles([.manager, .frontDesk], scope: "policy:read"), get),
            Route(
                .put, "/v1/sending-policy", operation: "putSendingPolicy",
                access: .roles([.manager], scope: "policy:write"), put
            ).forAllClinics,
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let policy = try await database.read(organisation: organisation) { transaction in
            try policies.find(organisation, in: &transaction)
        }
        return try .json(.ok, PolicyAnswer(policy)).tagged(policy.version)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        var policy = try request.read { fields in SendingPolicy(fields, among: gateways) }
        policy.version = try request.versionToMatch()
        let applied = try await ChangePolicy(database: database).run(policy, because: try request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}

extension SendingPolicy {
    /// What a request says; what it leaves out is as it is for those who chose nothing.
    fileprivate init(_ fields: Fields, among known: [String]) {
        let named = fields.optionalStrings("gateways", count: 1...10, max: 40) ?? []
        if named.contains(where: { !known.contains($0) }) || Set(named).count != named.count {
            fields.refuse(
                "gateways", reason: "It names a gateway twice, or one there is no account at.",
                remedy: "Name each once, among: \(known.joined(separator: ", ")).")
        }
        self.init(
            sender: fields.optionalText(
                "sender", max: 11, remedy: "Give 3 to 11 letters, digits or spaces, at least one of them a letter.",
                SenderName.init),
            transliterates: fields.boolean("transliterates", default: true),
            price: fields.optionalMoney("pricePerThousandParts", .notNegative, max: 100_000_000)
                .map(SMSPrice.init(perThousandParts:)),
            gateways: named.isEmpty ? nil : named, hours: MarketingHours(fields),
            invoices: InvoiceMessages(fields),
            quotaLowBelow: fields.optionalInteger("quotaLowBelow", in: 1...1_000_000_000),
            quotaLimitsAll: fields.boolean("quotaLimitsAll", default: false))
    }
}

extension InvoiceMessages {
    /// Nothing is sent that is not named.
    fileprivate init(_ fields: Fields) {
        self.init(
            documents: InvoiceMessages.bringing("documentsBy", fields),
            depositRequests: fields.optionalEnumeration("depositRequestsBy"),
            overdue: fields.optionalEnumeration("overdueBy"),
            receipts: InvoiceMessages.bringing("receiptsBy", fields),
            paymentEnds: fields.optionalEnumeration("paymentEndsBy"))
    }

    private static func bringing(_ name: String, _ fields: Fields) -> Channel? {
        let channel = fields.optionalEnumeration(name, as: Channel.self)
        if channel == .sms { fields.refuse(name, reason: "An SMS cannot bring a document.", remedy: "Give email.") }
        return channel
    }
}

extension MarketingHours {
    /// Within what the operators ask for: an organisation may only be stricter.
    fileprivate init(_ fields: Fields) {
        let standard = MarketingHours.standard
        let remedy: Sentence = "Give a time from 08:00 to 20:00."
        func time(_ name: String) -> LocalTime? {
            fields.optionalText(name, max: 5, remedy: remedy) { text in
                LocalTime(text).flatMap { (standard.opensAt...standard.closesAt).contains($0) ? $0 : nil }
            }
        }
        let (from, until) = (time("marketingFrom"), time("marketingUntil"))
        let region = fields.optionalEnumeration("region", as: HolidayRegion.self) ?? standard.region
        self.init(
            opensAt: from ?? standard.opensAt, closesAt: until ?? standard.closesAt, region: region)
        if minutesLeft(at: opensAt) < 1 {
            fields.refuse(
                "marketingUntil", reason: "It is less than two minutes after \"marketingFrom\": nothing could leave.",
                remedy: "Have two minutes or more between the two.")
        }
    }
}
