import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// How many parts of SMS an organisation has left (NOT-8).
struct QuotaRoutes {
    let database: Database
    let book: BookQuota
    let quotas = QuotaStore()
    /// Parts of one entry.
    private static let partsMax = 1_000_000_000

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "quota:read")
        return [
            Route(.get, "/v1/sms-quota", operation: "getQuota", access: reading, get),
            Route(.get, "/v1/sms-quota/entries", operation: "listQuotaEntries", access: reading, list),
            Route(
                .post, "/v1/sms-quota/entries", operation: "bookQuota",
                access: .roles([.manager], scope: "quota:write"), idempotency: .required, create
            ).forAllClinics,
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let quota = try await database.read(organisation: organisation) { transaction in
            try quotas.find(organisation, in: &transaction)
        }
        return try .json(.ok, QuotaAnswer(quota))
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: QuotaEntryID.self) }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try quotas.entries(of: organisation, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map(QuotaEntryAnswer.init), of: page, id: \.id))
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let (parts, note) = try request.read { fields in
            let parts = fields.integer("parts", in: -Self.partsMax...Self.partsMax)
            if parts == 0, fields.isValid {
                fields.refuse("parts", reason: "It is nothing.", remedy: "Give what was bought, or a correction.")
            }
            return (parts, fields.string("note"))
        }
        let applied = try await book.run(parts, note, because: request.cause())
        return try .json(.created, applied.answer)
    }
}

/// A quota as the API shows it.
struct QuotaAnswer: Codable, Sendable {
    /// False where nothing was ever booked: then nothing is refused, and nothing counted.
    let isLimited: Bool
    let booked: Int
    /// Promised to messages for which no gateway was called yet.
    let reserved: Int
    /// Billed by gateways, or taken for messages one is called for.
    let used: Int
    /// Billed although nothing was left; what is booked next pays it first.
    let beyond: Int
    let left: Int
    let isLow: Bool

    init(_ found: Quota?) {
        let quota = found ?? Quota()
        isLimited = found != nil
        booked = quota.booked
        reserved = quota.reserved
        used = quota.used
        beyond = quota.beyond
        left = quota.left
        isLow = quota.isLow
    }
}

/// An entry as the API shows it.
struct QuotaEntryAnswer: Codable, Sendable {
    let id: QuotaEntryID
    let parts: Int
    let note: String
    let bookedBy: String
    let bookedAt: Instant

    init(_ entry: QuotaEntry) {
        id = entry.id
        parts = entry.parts
        note = entry.note
        bookedBy = entry.bookedBy
        bookedAt = entry.bookedAt
    }
}
