import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Differences on account 471, and how a manager clears them (REC-8).
struct HeldDifferenceRoutes {
    let database: Database
    let clearing: ClearHeldDifference

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/held-differences", operation: "listHeldDifferences", access: reading, list),
            Route(.get, "/v1/held-differences/clearings", operation: "listClearings", access: reading, listClearings),
            Route(
                .post, "/v1/held-differences/clearings", operation: "clearHeldDifference", access: writing,
                idempotency: .required, clear),
            Route(
                .post, "/v1/held-differences/clearings/{clearingID}/undo", operation: "undoClearing", access: writing,
                idempotency: .required, undo),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (isCleared, page) = try request.readQuery { fields in
            (fields.optionalBoolean("cleared"), fields.page { HeldPlace($0) })
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try clearing.held.list(
                of: organisation, isCleared: isCleared, after: page.last ?? .beginning, limit: page.rows,
                &transaction)
        }
        return try .json(
            .ok, Page(found, of: page) { item in Cursor([item.id.description, item.position.description]) })
    }

    @Sendable private func listClearings(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: ClearingID.self) }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try clearing.held.clearings(of: organisation, before: page.before, limit: page.rows, &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    @Sendable private func clear(_ request: Request) async throws -> Response {
        let wish = try request.read { fields in ClearingWish(fields) }
        return try .json(.created, try await clearing.run(wish, because: request.cause()).answer)
    }

    @Sendable private func undo(_ request: Request) async throws -> Response {
        let id: ClearingID = try request.path("clearingID")
        let reason = try request.read { fields in fields.string("reason", max: 2_000, .lines) }
        return try .json(.ok, try await clearing.undo(id, because: reason, request.cause()).answer)
    }
}

extension ClearingWish {
    fileprivate init(_ fields: Fields) {
        self.init(
            subject: HeldSubject(
                fields.enumeration("kind"), fields.id("id", of: HeldSubject.ID.self),
                position: Int32(fields.optionalInteger("position", in: 0...10_000) ?? 0)),
            account: fields.text(
                "account", max: 20, else: .shortages, remedy: "Give an account of the ledger, such as 658000."
            ) { Account(number: $0) },
            reason: fields.string("reason", max: 2_000, .lines), day: fields.optionalLocalDate("on"))
    }
}

extension HeldPlace {
    /// Nil where a cursor's keys are those of another list.
    fileprivate init?(_ keys: [String]) {
        guard keys.count == 2, let subject = HeldSubject.ID(keys[0]), let position = Int32(keys[1]) else { return nil }
        self.init(subject: subject, position: position)
    }
}

/// A difference on account 471.
struct HeldDifferenceAnswer: Codable, Sendable {
    let kind: String
    /// Of the payout, the remittance, the cash-up or the discrepancy.
    let id: HeldSubject.ID
    /// Of a line of a cash-up, else 0.
    let position: Int32
    /// What it is called in entries.
    let piece: String
    /// When it was put there; it is cleared on no day before.
    let bookedOn: LocalDate
    /// What 471 was debited with.
    let amount: Money
    /// Why it is there, in a person's words, and who said so.
    let reason: String?
    let heldBy: String?
    /// Nothing while it waits.
    let clearingID: ClearingID?
    let clearedInto: String?
}

/// How a difference was booked from 471 to another account.
struct ClearingAnswer: Codable, Sendable {
    let id: ClearingID
    let kind: String
    /// Of what it was a difference.
    let of: HeldSubject.ID
    let position: Int32
    let amount: Money
    let account: String
    let reason: String
    let bookedOn: LocalDate
    let clearedBy: String
    let clearedAt: Instant
    /// Nobody while it holds; a person, or whoever made it another sum.
    let undoneBy: String?
    let undoneAt: Instant?
    let undoneBecause: String?

    init(
        _ record: ClearingRecord, account: String, reason: String, bookedOn: LocalDate, clearedBy: String,
        clearedAt: Instant, undoneAt: Instant?, undoneBecause: String?
    ) {
        (id, kind, of, position) = (
            record.id, record.subject.kind.rawValue, record.subject.id, record.subject.position
        )
        (amount, self.account, self.reason, self.bookedOn) = (record.amount, account, reason, bookedOn)
        (self.clearedBy, self.clearedAt) = (clearedBy, clearedAt)
        (undoneBy, self.undoneAt, self.undoneBecause) = (record.undoneBy, undoneAt, undoneBecause)
    }
}
