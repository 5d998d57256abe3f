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

/// What a person points a payout to: a bank line, with a reason and an account for what is different; or why there is
/// none.
enum Pointing: Sendable {
    case to(BankLineID, difference: Difference?)
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
            let payout = try match.lockWaiting(id, in: &change)
            switch pointing {
            case .to(let id, let said):
                let line = try find(id, for: payout, in: &change)
                let ground = try MatchGround.byHand(payout, line, said: said)
                try match.point(payout, to: .bankLine(line), by: cause.actor, because: ground, &change)
            case .withoutLine(let reason, let account):
                try match.point(
                    payout, to: .withoutLine(because: reason, on: account), by: cause.actor, because: .byHand, &change)
            }
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

extension MatchPayouts {
    /// A payout that a person may point: the provider's word gives way, what is pointed otherwise does not.
    func lockWaiting(_ id: PayoutID, in change: inout Change) throws -> PendingPayout {
        guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
        try takeBackWord(of: record, by: change.cause.actor, in: &change)
        if record.isReceived, let author = record.pointedBy { throw PointRejection.alreadyPointed(by: author) }
        return record.payout
    }
}
