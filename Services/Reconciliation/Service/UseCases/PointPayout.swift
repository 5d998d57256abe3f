import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Why a payout is not pointed or un-pointed.
enum PointRejection: Error {
    case alreadyPointed(by: String)
    case notPointed
    case jointly(JointPointingID)
    case otherCurrency(Currency)
}

/// What a person points a payout to: a bank line, or why there is none.
enum Pointing: Sendable {
    case to(BankLineID)
    case withoutLine(because: String, on: Account)
}

/// Points a payout by hand, with its author (REC-2).
struct PointPayout {
    let database: Database
    let match: MatchPayouts
    let payouts = PayoutStore()
    let bank = BankStore()
    let refused = RefusedMatchStore()

    func run(_ id: PayoutID, _ pointing: Pointing, because cause: Cause) async throws -> Applied<PayoutAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            if let author = record.pointedBy { throw PointRejection.alreadyPointed(by: author) }
            let receipt: Receipt =
                switch pointing {
                case .to(let line): .bankLine(try find(line, for: record.payout, in: &change))
                case .withoutLine(let reason, let account): .withoutLine(because: reason, on: account)
                }
            try match.point(record.payout, to: receipt, by: cause.actor, because: .byHand, &change)
            return PayoutAnswer(try payouts.get(id, in: &change))
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
}
