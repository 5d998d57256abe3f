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
    ///
    /// What matching knows better now is taken back before anything is pointed to the same lines.
    func run(in change: inout Change) throws -> Int {
        let waiting = try remittances.lockWaiting(in: &change)
        let standing = try standing(in: &change)
        guard !waiting.isEmpty || !standing.isEmpty else { return 0 }
        let amounts = Set((waiting + standing.map(\.remittance)).map(\.amount.minorUnits)).sorted()
        let lines = try bank.unmatched(.any, amounts: amounts, in: &change) { $0 }.lines
        let found = matching.rematch(waiting, lines, besides: standing, refusing: try refused.all(in: &change))
        for match in found.ended {
            let record = try lockLive(match.remittance.id, in: &change)
            try takeBack(record, in: &change)
        }
        for match in found.matches { try point(match, nil, by: "matching", &change) }
        return found.matches.count
    }

    /// What matching has pointed, and no closed books hold.
    private func standing(in change: inout Change) throws -> [DepositMatch] {
        let records = try remittances.standing(in: &change)
        let lines = try bank.find(
            Set(records.compactMap(\.bankLine)), of: change.cause.organisation, &change.transaction)
        return records.compactMap { record in
            guard let line = record.bankLine.flatMap({ lines[$0] }), let rule = record.rule else { return nil }
            return DepositMatch(
                remittance: record.remittance, bankLine: line, rule: rule, windowDays: matching.windowDays)
        }
    }

    /// Books what the bank received.
    func point(_ match: DepositMatch, _ difference: Difference?, by actor: String, _ change: inout Change) throws {
        let id = match.remittance.id
        let run = try remittances.point(
            id, to: match.bankLine.id, by: actor, because: match.rule, difference, &change)
        try ledger.book(
            try Booking.deposit(
                received: match.bankLine.amount, at: match.bankLine.iban, of: match.remittance.amount,
                difference: difference?.account, on: match.bankLine.bookedOn),
            about: id, piece: match.remittance.reference, run: run, in: &change)
    }

    /// Takes back what pointing has booked; matching leaves the two apart for good.
    func unpoint(_ record: RemittanceRecord, from line: BankLineID, in change: inout Change) throws {
        try takeBack(record, in: &change)
        try refused.add(RefusedDeposit(remittance: record.remittance.id, bankLine: line), in: &change)
    }

    private func takeBack(_ record: RemittanceRecord, in change: inout Change) throws {
        let id = record.remittance.id
        if let booked = try ledger.entry(.deposit, about: id, run: record.timesPointed, in: &change) {
            try ledger.book(
                try Booking.contrary(of: booked, as: .depositUndone), about: id,
                piece: record.remittance.reference, run: record.timesPointed, in: &change)
        }
        try remittances.unpoint(id, in: &change)
        try FollowHeldDifference(ledger: ledger).run(.remittance, id, in: &change)
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
