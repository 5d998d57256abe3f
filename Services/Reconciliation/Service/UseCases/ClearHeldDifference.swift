import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// What a manager says of a held difference.
struct ClearingWish: Sendable {
    let subject: HeldSubject
    let account: Account
    let reason: String
    /// Today, where nobody says otherwise.
    let day: LocalDate?
}

/// Books a held difference from account 471 to one a manager names, and takes that back again (REC-8).
struct ClearHeldDifference {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let clinics: ClinicStore
    let periods: PeriodStore
    let ledger: LedgerStore
    let held = HeldDifferenceStore()

    func run(_ wish: ClearingWish, because cause: Cause) async throws -> Applied<ClearingAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let (difference, piece) = try held.held(wish.subject, in: &change) else {
                throw NotFound.heldDifference(wish.subject.id)
            }
            let today = try clinics.day(of: time.now(), at: nil, in: &change)
            let day = wish.day ?? today
            let entry = try difference.clear(
                into: wish.account, on: day, today: today,
                in: periods.books(of: cause.organisation, &change.transaction))
            let id: ClearingID = ids.make()
            let run = try held.insert(
                id, of: wish.subject, difference.amount, called: piece, wish, on: day, in: &change)
            try ledger.book(entry, about: wish.subject.id, piece: piece, run: run, in: &change)
            return try answer(id, in: &change)
        }
    }

    /// The difference is held again, from the day of its clearing on or the first open one after it.
    func undo(_ id: ClearingID, because reason: String, _ cause: Cause) async throws -> Applied<ClearingAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            guard let clearing = try held.lock(id, in: &change) else { throw NotFound.clearing(id) }
            if let author = clearing.undoneBy { throw HeldDifference.Rejection.undoneBefore(by: author) }
            try FollowHeldDifference(ledger: ledger).takeBack(clearing, because: reason, in: &change)
            return try answer(id, in: &change)
        }
    }

    private func answer(_ id: ClearingID, in change: inout Change) throws -> ClearingAnswer {
        guard let answer = try held.find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.clearing(id)
        }
        return answer
    }
}

/// A clearing lasts as long as what it is of: un-pointed, or of another amount, it is taken back.
struct FollowHeldDifference {
    let ledger: LedgerStore
    let held = HeldDifferenceStore()

    func run(_ kind: HeldDifference.Kind, _ subject: some Identifier, in change: inout Change) throws {
        for clearing in try held.outdated(kind, subject, in: &change) {
            try takeBack(clearing, because: nil, in: &change)
        }
    }

    func takeBack(_ clearing: ClearingRecord, because reason: String?, in change: inout Change) throws {
        let (subject, run) = (clearing.subject.id, clearing.run)
        if let booked = try ledger.entry(.suspenseCleared, about: subject, run: run, in: &change) {
            try ledger.book(
                try Booking.contrary(of: booked, as: .suspenseClearedUndone), about: subject, piece: clearing.piece,
                run: run, in: &change)
        }
        held.undo(clearing.id, because: reason, in: &change)
    }
}
