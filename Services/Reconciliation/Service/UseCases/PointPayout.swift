import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error {
    case payout(PayoutID)
    case bankLine(BankLineID)
}

/// Why a payout is not pointed or un-pointed.
enum PointRejection: Error {
    case alreadyPointed(by: String)
    case notPointed
}

/// Points a payout by hand, and undoes it, with its author (REC-2).
struct PointPayout {
    let database: Database
    let match: MatchPayouts
    let payouts = PayoutStore()
    let bank = BankStore()
    let ledger: LedgerStore

    func point(_ id: PayoutID, to line: BankLineID?, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            if let author = record.pointedBy { throw PointRejection.alreadyPointed(by: author) }
            let bankLine = try line.map { id in
                guard let found = try bank.find(id, &change.transaction) else { throw NotFound.bankLine(id) }
                return found
            }
            try match.point(record.payout, to: bankLine, by: cause.actor, because: "by-hand", &change)
            return try answer(id, in: &change)
        }
    }

    func undo(_ id: PayoutID, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            guard record.pointedBy != nil else { throw PointRejection.notPointed }
            try unbook(record, in: &change)
            try payouts.unpoint(id, in: &change)
            change.announce(PayoutUnpointedV1(payoutID: id, by: cause.actor), about: id)
            return try answer(id, in: &change)
        }
    }

    private func unbook(_ record: PayoutRecord, in change: inout Change) throws {
        let payout = record.payout
        let line = try record.bankLine.flatMap { try bank.find($0, &change.transaction) }
        let received = line?.amount ?? payout.amount
        let explanation = try PayoutExplanation(of: received, by: payouts.lines(of: payout, &change.transaction))
        let day = line?.bookedOn ?? payout.paidOn
        let booked = try Booking.payout(
            received: received, explained: explanation.explained, from: payout.provider, on: day)
        try ledger.book(
            try Booking.contrary(of: booked, on: day), about: payout.id, run: record.timesPointed, in: &change)
    }

    private func answer(_ id: PayoutID, in change: inout Change) throws -> PayoutAnswer {
        guard let record = try payouts.find(id, &change.transaction) else { throw NotFound.payout(id) }
        return PayoutAnswer(record)
    }
}
