import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What a person says belongs together.
struct JointWish: Sendable {
    let payouts: [PayoutID]
    let bankLines: [BankLineID]
    let difference: Difference?
}

/// Points several payouts to one bank line, or one payout to several, by hand (REC-2, REC-5).
struct PointTogether {
    let database: Database
    let match: MatchPayouts
    let refused = RefusedMatchStore()

    func run(_ wish: JointWish, because cause: Cause) async throws -> Applied<JointPointingAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let payouts = try Set(wish.payouts).sorted().map { try match.lockWaiting($0, in: &change) }
            let lines = try Set(wish.bankLines).sorted().map { id in
                guard let line = try match.bank.find(id, of: cause.organisation, &change.transaction) else {
                    throw NotFound.bankLine(id)
                }
                return line
            }
            let joint = try JointPointing(payouts, lines, said: wish.difference, by: .byHand)
            for payout in payouts {
                for line in lines {
                    try refused.remove(RefusedPair(payout: payout.id, bankLine: line.id), in: &change)
                }
            }
            let id = try match.point(joint, by: cause.actor, &change)
            guard let answer = try match.joints.find(id, of: cause.organisation, &change.transaction) else {
                throw NotFound.jointPointing(id)
            }
            return answer
        }
    }
}

/// Takes apart what was pointed together, as a whole (REC-2).
struct UndoTogether {
    let database: Database
    let match: MatchPayouts

    func run(_ id: JointPointingID, because cause: Cause) async throws -> Applied<JointPointingAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let known = try match.joints.find(id, of: cause.organisation, &change.transaction) else {
                throw NotFound.jointPointing(id)
            }
            guard known.undoneAt == nil else { throw PointRejection.notPointed }
            try match.unpoint(known, in: &change)
            guard let answer = try match.joints.find(id, of: cause.organisation, &change.transaction) else {
                throw NotFound.jointPointing(id)
            }
            return answer
        }
    }
}
