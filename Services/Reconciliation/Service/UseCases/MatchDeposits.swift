import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Finds the bank line of each remittance and points what it finds (REC-10).
struct MatchDeposits {
    let matching: DepositMatching
    let remittances = RemittanceStore()
    let bank = BankStore()
    let refused = RefusedDepositStore()
    let ledger: LedgerStore

    /// How many remittances were pointed.
    func run(in change: inout Change) throws -> Int {
        let waiting = try remittances.lockWaiting(in: &change)
        guard !waiting.isEmpty else { return 0 }
        let amounts = Set(waiting.map(\.amount.minorUnits)).sorted()
        let lines = try bank.unmatched(.any, amounts: amounts, in: &change) { _ in true }.lines
        let matches = matching.matches(waiting, lines, refusing: try refused.all(in: &change))
        for match in matches { try point(match, nil, by: "matching", &change) }
        return matches.count
    }

    /// Books what the bank received.
    func point(_ match: DepositMatch, _ difference: Difference?, by actor: String, _ change: inout Change) throws {
        let id = match.remittance.id
        let run = try remittances.point(
            id, to: match.bankLine.id, by: actor, because: match.rule, difference, &change)
        try ledger.book(
            try Booking.deposit(
                received: match.bankLine.amount, of: match.remittance.amount, difference: difference?.account,
                on: match.bankLine.bookedOn),
            about: id, piece: match.remittance.reference, run: run, in: &change)
    }

    /// Takes back what pointing has booked; matching leaves the two apart for good.
    func unpoint(_ record: RemittanceRecord, from line: BankLineID, in change: inout Change) throws {
        let id = record.remittance.id
        if let booked = try ledger.entry(.deposit, about: id, run: record.timesPointed, in: &change) {
            try ledger.book(
                try Booking.contrary(of: booked, as: .depositUndone), about: id,
                piece: record.remittance.reference, run: record.timesPointed, in: &change)
        }
        try remittances.unpoint(id, in: &change)
        try refused.add(RefusedDeposit(remittance: id, bankLine: line), in: &change)
    }

    /// A slip that was not cancelled.
    func lockLive(_ id: RemittanceID, in change: inout Change) throws -> RemittanceRecord {
        guard let record = try remittances.lock(id, in: &change) else { throw NotFound.remittance(id) }
        if let author = record.cancelledBy { throw RemittanceRejection.cancelled(by: author) }
        return record
    }

    /// How a remittance is shown.
    var trail: RemittanceTrail { RemittanceTrail(windowDays: matching.windowDays) }
}
