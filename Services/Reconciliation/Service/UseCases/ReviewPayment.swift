import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Holds a payment against the provider's lines about it, whenever one of the two has changed (REC-5).
struct ReviewPayment {
    let expectations = ExpectationStore()
    let taxes = FeeTaxStore()
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let disputes: DisputeStore
    let residues: ResidueStore
    let ledger: LedgerStore

    /// Opens what is wrong and closes what no longer is.
    func run(_ expectation: Expectation, in change: inout Change) throws {
        let payment = expectation.settlement.payment
        let records = try settlements.lines(of: payment, &change.transaction)
        var wrong = try expectation.settlement.discrepancies(with: records.map(\.line))
        let open = try disputes.disputes(of: payment, &change.transaction).map(\.dispute).filter { $0.end == nil }
        for dispute in open { wrong[dispute.reference] = .dispute }
        // Sums that agree hide lines of which no event tells, such as two for one dispute.
        let waiting = try sortOut(records.filter { $0.line.kind == .dispute }, of: expectation, in: &change)
        for reference in waiting where wrong[reference] == nil { wrong[reference] = .dispute }
        try correctFee(of: expectation, by: records, in: &change)
        try discrepancies.closeSettled(payment, except: wrong, in: &change)
        for dispute in open {
            try discrepancies.open(
                .dispute, .init(subject: dispute.reference, payment: payment, amount: dispute.amount), in: &change)
        }
        for record in records {
            guard let kind = wrong[record.line.reference] else { continue }
            try discrepancies.open(
                kind,
                .init(
                    subject: record.line.reference, payment: payment, payout: record.payout,
                    amount: try expectation.settlement.difference(
                        in: record.line, kind, among: records.map(\.line))), in: &change)
        }
        if try expectation.settlement.refunded.adding(expectation.settlement.returned).isPositive {
            settlements.tieRefunds(of: payment, in: &change)
        }
        // What is not owed any more is not late either; what is owed again may be late again.
        let isOwed = try expectation.settlement.net().isPositive
        if try expectations.settle(payment, in: &change) || !isOwed {
            try discrepancies.close(.late, "\(payment)", in: &change)
        }
        if !isOwed { expectations.forgetLate(payment, in: &change) }
        try residues.bookAll(of: payment, in: &change)
    }

    /// What the line that settles the payment keeps otherwise than was told is booked; what was booked of another is
    /// taken back, so that the books are the same whichever report came first.
    private func correctFee(
        of expectation: Expectation, by records: [SettlementRecord], in change: inout Change
    ) throws {
        let paying = records.filter { $0.line.kind == .payment }
        let settlement = expectation.settlement
        guard let settling = settlement.settling(paying.map(\.line)) else { return }
        let isOther = try settlement.keepsOther(by: settling)
        // A single line that keeps what was told was never another.
        guard paying.count > 1 || isOther else { return }
        let day = paying.first { $0.line.reference == settling.reference }?.paidOn ?? expectation.acceptedOn
        let tax = try taxes.tax(of: expectation.provider, on: day, in: &change)
        let kept = try settlement.kept(by: settling, taxed: tax.treatment)
        let times = try ledger.timesBooked(.feeCorrection, about: paying.map(\.id), in: &change)
        for record in paying {
            let run = times[record.id] ?? 0
            let isWanted = isOther && record.line.reference == settling.reference
            // Every second takes back the one before.
            guard isWanted != (run % 2 == 1) else { continue }
            let booked = try isWanted ? nil : ledger.entry(.feeCorrection, about: record.id, run: run, in: &change)
            let none = Money.zero(kept.fee.currency)
            let fee = try isWanted ? ledger.entry(.fee, about: settlement.payment, run: 1, in: &change) : nil
            let entry =
                try booked.map { try Booking.contrary(of: $0, as: .feeCorrection) }
                ?? Booking.feeCorrection(
                    from: settlement.toldFee, owing: fee?.selfAssessed(in: none.currency) ?? none, to: kept,
                    by: expectation.provider, on: record.paidOn, tax: tax)
            settlements.note(
                feeVAT: try isWanted ? kept.vat.subtracting(settlement.feeVAT) : none,
                owed: try isWanted ? entry.selfAssessed(in: none.currency) : none, of: record.id, again: true,
                in: &change)
            try ledger.book(entry, about: record.id, piece: record.line.reference, run: run + 1, in: &change)
        }
    }

    /// What only the provider's lines tell of a dispute waits on its own account until an event tells it too.
    ///
    /// Answers the references of those that wait and that the provider has not given back itself.
    private func sortOut(
        _ records: [SettlementRecord], of expectation: Expectation, in change: inout Change
    ) throws -> [String] {
        guard !records.isEmpty else { return [] }
        disputes.tie(of: expectation.settlement.payment, in: &change)
        let states = try disputes.waiting(of: expectation.settlement.payment, in: &change)
        for record in records {
            guard let state = states.first(where: { $0.line == record.id }) else { continue }
            let isWaiting = state.booked > state.undone
            guard isWaiting == state.isTold else { continue }
            let entry = try Booking.adjustment(
                record.line.gross, fee: .zero(record.line.gross.currency), vat: .zero(record.line.gross.currency),
                by: expectation.provider, on: record.paidOn)
            try ledger.book(
                isWaiting ? try Booking.contrary(of: entry, as: .adjustmentUndone) : entry, about: record.id,
                piece: record.line.reference, run: isWaiting ? state.booked : state.booked + 1, in: &change)
        }
        return try Self.unreturned(
            records.filter { record in states.contains { $0.line == record.id && !$0.isTold } }.map(\.line)
        ).map(\.reference)
    }

    /// Lines that no other of them, of the very contrary amount, gives back.
    private static func unreturned(_ lines: [SettlementLine]) throws -> [SettlementLine] {
        var open: [SettlementLine] = []
        for line in lines where !line.gross.isZero {
            let contrary = try line.gross.negated()
            if let place = open.firstIndex(where: { $0.gross == contrary }) {
                open.remove(at: place)
            } else {
                open.append(line)
            }
        }
        return open
    }

    /// Books what a line tells that the payment's own events did not.
    func book(_ record: SettlementRecord, of expectation: Expectation, in change: inout Change) throws {
        switch record.line.kind {
        case .payment, .fee, .adjustment, .carried: return
        case .refund:
            // A refund can give a part of the fee back (or cost one); the report is the first to say so.
            let (fee, vat) = try parts(of: record.line, expectation.settlement)
            let tax = try taxes.tax(of: expectation.provider, on: record.paidOn, in: &change)
            settlements.note(feeVAT: vat, owed: try tax.owed(on: fee, vat: vat), of: record.id, in: &change)
            try ledger.book(
                try Booking.fee(
                    fee, vat: vat, by: expectation.provider, on: record.paidOn, as: .refundFee, tax: tax),
                about: record.id, piece: record.line.reference, in: &change)
        // What it gave or took is sorted out with the payment's disputes; what it cost is a commission.
        case .dispute: try bookByItself(record, by: expectation.provider, in: &change)
        }
    }

    /// Books a line of which no event tells: what the provider gave, took or charged; of a dispute the charge alone.
    func bookByItself(_ record: SettlementRecord, by provider: Provider, in change: inout Change) throws {
        let (line, day) = (record.line, record.paidOn)
        let vat = line.feeVAT ?? .zero(line.fee.currency)
        let fee = try line.fee.subtracting(vat)
        let tax = try taxes.tax(of: provider, on: day, in: &change)
        settlements.note(feeVAT: vat, owed: try tax.owed(on: fee, vat: vat), of: record.id, in: &change)
        let entry =
            try line.kind == .adjustment
            ? Booking.adjustment(line.gross, fee: fee, vat: vat, by: provider, on: day, tax: tax)
            : Booking.fee(fee, vat: vat, by: provider, on: day, tax: tax)
        try ledger.book(entry, about: record.id, piece: line.reference, in: &change)
    }

    /// The report's own word on the VAT rules; without one it is in proportion to the payment's.
    private func parts(of line: SettlementLine, _ settlement: ExpectedSettlement) throws -> (fee: Money, vat: Money) {
        if let vat = line.feeVAT { return (try line.fee.subtracting(vat), vat) }
        // Of a payment that cost nothing there is no proportion.
        guard try settlement.fee.adding(settlement.feeVAT).isPositive else {
            return (line.fee, .zero(line.fee.currency))
        }
        let parts = try Instalments.split(
            line.fee, inProportionTo: [settlement.fee.minorUnits, settlement.feeVAT.minorUnits])
        return (parts[0], parts[1])
    }
}
