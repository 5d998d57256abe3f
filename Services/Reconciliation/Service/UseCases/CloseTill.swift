import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What a person counted at a clinic for a day.
struct TillDraft: Sendable {
    let clinic: ClinicID
    let day: LocalDate
    let counts: [TillCount]
}

/// A till is counted once for each day.
enum CloseTillRejection: Error {
    case closedBefore(LocalDate)
}

/// Closes the till of a clinic for a day as it was counted; differences are booked with their reasons (REC-10).
struct CloseTill {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let clinics: ClinicStore
    let till = TillStore()
    let cashUps = CashUpStore()
    let ledger: LedgerStore

    func run(_ draft: TillDraft, because cause: Cause) async throws -> Applied<CashUpAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let today = try clinics.day(of: time.now(), at: draft.clinic, in: &change)
            guard try !cashUps.isClosed(draft.day, at: draft.clinic, of: cause.organisation, &change.transaction)
            else { throw CloseTillRejection.closedBefore(draft.day) }
            let sums = try till.sums(
                at: draft.clinic, on: draft.day, of: cause.organisation, &change.transaction)
            let cashUp = try CashUp(of: sums, counted: draft.counts, on: draft.day, today: today)
            let id: CashUpID = ids.make()
            try cashUps.insert(cashUp, as: id, at: draft.clinic, on: draft.day, in: &change)
            try till.count(at: draft.clinic, on: draft.day, in: id, &change)
            try book(cashUp, as: id, on: draft.day, in: &change)
            let (clinic, day) = (draft.clinic, draft.day)
            guard
                let answer = try cashUps.days(
                    at: clinic, from: day, to: day, of: cause.organisation, &change.transaction
                ).first
            else { throw NotFound.clinic(clinic) }
            return answer
        }
    }

    private func book(_ cashUp: CashUp, as id: CashUpID, on day: LocalDate, in change: inout Change) throws {
        for (index, line) in cashUp.lines.enumerated() {
            guard let difference = line.difference else { continue }
            try ledger.book(
                try Booking.tillDifference(
                    line.surplus(), as: line.method.tender, to: difference.account, on: day),
                about: id, piece: "\(line.method.code) \(day)", run: Int32(index + 1), in: &change)
        }
    }
}
