import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Payouts and bank lines that are one to many: pointed, seen and undone as a whole (REC-2, REC-5).
struct JointPointingRoutes {
    let database: Database
    let pointing: PointTogether
    let undoing: UndoTogether
    let proposing: ProposeTogether

    var routes: [Route] {
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        let path = "/v1/joint-pointings/{jointPointingID}"
        return [
            Route(
                .post, "/v1/joint-pointings", operation: "pointTogether", access: writing, idempotency: .required,
                point),
            Route(
                .get, "/v1/joint-pointing-proposals", operation: "proposeJointPointings",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), propose),
            Route(
                .get, path, operation: "getJointPointing",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), get),
            Route(
                .post, "\(path)/undo", operation: "undoJointPointing", access: writing, idempotency: .required, undo),
        ]
    }

    @Sendable private func point(_ request: Request) async throws -> Response {
        let wish = try request.read { fields in
            JointWish(
                payouts: fields.ids("payoutIDs", count: 1...JointPointing.piecesMax),
                bankLines: fields.ids("bankLineIDs", count: 1...JointPointing.piecesMax),
                difference: Difference(in: fields))
        }
        return try .json(.created, try await pointing.run(wish, because: request.cause()).answer)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: JointPointingID = try request.path("jointPointingID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try pointing.match.joints.find(id, of: organisation, &transaction)
        }
        guard let found else { throw NotFound.jointPointing(id) }
        return try .json(.ok, found)
    }

    @Sendable private func propose(_ request: Request) async throws -> Response {
        try request.json(.ok, Page(items: try await proposing.run(because: request.cause()), next: nil))
    }

    @Sendable private func undo(_ request: Request) async throws -> Response {
        let id: JointPointingID = try request.path("jointPointingID")
        return try .json(.ok, try await undoing.run(id, because: request.cause()).answer)
    }
}

/// Payouts that may be one bank line: what a person confirms with `POST /v1/joint-pointings`.
struct JointProposalAnswer: Codable, Sendable {
    let payoutIDs: [PayoutID]
    let bankLineIDs: [BankLineID]
    let amount: Money
    let because: Sentence

    init(_ joint: JointPointing) {
        payoutIDs = joint.payouts.map(\.id)
        bankLineIDs = joint.bankLines.map(\.id)
        amount = joint.bankLines[0].amount
        because = "One set of payouts, and no other, has the amount."
    }
}
