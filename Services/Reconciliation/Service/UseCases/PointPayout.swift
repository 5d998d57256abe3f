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
    case otherCurrency(Currency)
}

/// Points a payout by hand, and undoes it, with its author (REC-2).
struct PointPayout {
    let database: Database
    let match: MatchPayouts
    let payouts = PayoutStore()
    let bank = BankStore()
    let refused = RefusedMatches()

    func point(_ id: PayoutID, to line: BankLineID?, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            if let author = record.pointedBy { throw PointRejection.alreadyPointed(by: author) }
            let bankLine = try line.map { try find($0, for: record.payout, in: &change) }
            try match.point(record.payout, to: bankLine, by: cause.actor, because: .byHand, &change)
            return try answer(id, in: &change)
        }
    }

    func undo(_ id: PayoutID, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            guard record.pointedBy != nil else { throw PointRejection.notPointed }
            try match.unpoint(record, in: &change)
            change.announceUnpointing(of: id)
            return try answer(id, in: &change)
        }
    }

    private func find(
        _ id: BankLineID, for payout: PendingPayout, in change: inout Change
    ) throws -> PendingBankLine {
        guard let line = try bank.find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.bankLine(id)
        }
        guard line.amount.currency == payout.amount.currency else {
            throw PointRejection.otherCurrency(line.amount.currency)
        }
        try refused.remove(RefusedPair(payout: payout.id, bankLine: id), in: &change)
        return line
    }

    private func answer(_ id: PayoutID, in change: inout Change) throws -> PayoutAnswer {
        guard let record = try payouts.find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.payout(id)
        }
        return PayoutAnswer(record)
    }
}
