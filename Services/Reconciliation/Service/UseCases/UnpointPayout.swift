import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes a payout and its bank line apart for good, with its author (REC-2).
struct UnpointPayout {
    let database: Database
    let match: MatchPayouts
    let payouts = PayoutStore()

    func run(_ id: PayoutID, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            guard record.pointedBy != nil else { throw PointRejection.notPointed }
            if let joint = record.joint { throw PointRejection.jointly(joint.pointing) }
            try match.unpoint(record, in: &change)
            return PayoutAnswer(try payouts.get(id, in: &change))
        }
    }
}
