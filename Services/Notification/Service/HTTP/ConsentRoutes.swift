import HTTPServer
import NotificationDomain
import PaymentModel
import PhoneNumbers
import ServiceRuntime
import TransactionalMessaging

/// Who agreed to marketing, and who took that back (NOT-9).
struct ConsentRoutes {
    let database: Database
    let record: RecordConsent
    let time: TimeSource
    let consents = ConsentStore()
    let clinics = ClinicStore()
    /// The beginning of 2000: what was decided before is a slip of the keyboard.
    private static let earliest = Instant(secondsSince1970: 946_684_800)

    var routes: [Route] {
        [
            Route(
                .post, "/v1/consents", operation: "recordConsent",
                access: .roles([.manager, .frontDesk], scope: "consents:write"), idempotency: .required, create),
            Route(
                .get, "/v1/consents", operation: "listConsents",
                access: .roles([.manager, .frontDesk], scope: "consents:read"), list),
        ]
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let now = time.now()
        let (typed, draft) = try request.read { fields in
            let typed = fields.string("phone", max: PhoneNumbers.textMax)
            let decidedAt = fields.optionalInstant("decidedAt")
            let draft = RecordConsent.Draft(
                decision: fields.enumeration("decision"), proof: fields.string("proof", max: 1_000, .lines),
                decidedAt: decidedAt ?? now, isDated: decidedAt != nil)
            // A decision of tomorrow would outlive every STOP of today.
            if draft.decidedAt > now {
                fields.refuse("decidedAt", reason: "It is in the future.", remedy: "Give when the client decided.")
            } else if draft.decidedAt < Self.earliest {
                fields.refuse("decidedAt", reason: "It is before 2000.", remedy: "Give when the client decided.")
            }
            return (typed, draft)
        }
        let phone = try await numbers(for: request).decidingPhone(typed)
        var answer = try await record.run(draft, of: phone, because: try request.cause()).answer
        answer.phone = phone.e164
        return try .json(.created, answer)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let text = try request.readQuery { fields in fields.string("phone", max: PhoneNumbers.textMax) }
        let phone = try await numbers(for: request).askedPhone(text)
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try consents.history(of: phone.e164, by: .sms, in: organisation, 100, &transaction)
        }
        return try .json(.ok, ["items": found.map { ConsentAnswer($0) }])
    }

    /// As the directory reads them: where the caller's one clinic is, or else at any of the organisation's.
    private func numbers(for request: Request) async throws -> WrittenNumbers {
        let (organisation, actsFor) = (try request.organisation, try request.principal.clinics.list ?? [])
        return try await database.read(organisation: organisation) { transaction in
            try clinics.numbers(
                at: actsFor.count == 1 ? actsFor.first : nil, of: organisation, in: &transaction)
        }
    }
}

extension WrittenNumbers {
    /// Whose decision is recorded.
    fileprivate func decidingPhone(_ text: String) throws(Problem) -> Phone {
        let first = try phone(text, at: "/phone")
        let remedy: Sentence = "Write it with its country, such as +33612345678."
        let deciding = try Self.deciding(of: mobiles(text), at: "/phone", remedy: remedy)
        return deciding ?? first
    }

    /// Whose decisions are asked for: the same's as are recorded for that text.
    fileprivate func askedPhone(_ text: String) throws(Problem) -> Phone {
        let remedy: Sentence = "Give the number such as %2B33612345678: in an address %2B stands for the plus sign."
        let mobiles = mobiles(text)
        // A plus sign that is not written as %2B arrives as a blank, which is not there any more; but many a mobile
        // without its zero would be a number somewhere with one.
        if mobiles.isEmpty, !text.hasPrefix("+"), let phone = read("+\(text)") { return phone }
        guard let first = read(text) else {
            throw .field("?phone", reason: "It is not a phone number.", remedy: remedy)
        }
        let deciding = try Self.deciding(of: mobiles, at: "?phone", remedy: remedy)
        return deciding ?? first
    }

    /// The mobile's it is, whatever it is read as first: a STOP kept for another country's number would not be heard.
    ///
    /// Nil where it is no mobile's.
    private static func deciding(
        of mobiles: [Phone], at pointer: String, remedy: Sentence
    ) throws(Problem) -> Phone? {
        guard mobiles.count < 2 else {
            throw .field(pointer, reason: "It is a mobile number in several countries.", remedy: remedy)
        }
        return mobiles.first
    }

    private func mobiles(_ text: String) -> [Phone] { readings(text).compactMap(WrittenNumbers.mobile) }
}
