import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A slip as a person writes it.
struct RemittanceDraft: Sendable {
    /// What is on it.
    enum Content: Sendable {
        case takings([TillMovementID])
        /// Notes and coins.
        case cash([Remittance.Item])
    }

    let clinic: ClinicID
    let tender: Tender
    let reference: String
    let madeOn: LocalDate
    let content: Content
}

/// Why a slip is refused or stays as it is.
enum RemittanceRejection: Error {
    /// These are not at the till, of another kind, or on a slip already.
    case notWaiting([TillMovementID])
    case notYet(LocalDate)
    case pointed(by: String)
    case notPointed
    case cancelled(by: String)
    case otherCurrency(Currency)
}

/// Brings money of a till to the bank: cheques and cards by their takings, cash by its notes and coins (REC-10).
struct MakeRemittance {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let clinics: ClinicStore
    let till = TillStore()
    let remittances = RemittanceStore()
    let deposits: MatchDeposits

    func run(_ draft: RemittanceDraft, because cause: Cause) async throws -> Applied<RemittanceAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let today = try clinics.day(of: time.now(), at: draft.clinic, in: &change)
            guard draft.madeOn <= today else { throw RemittanceRejection.notYet(draft.madeOn) }
            let slip = try slip(of: draft, in: &change)
            let pending = PendingRemittance(
                id: ids.make(), tender: draft.tender, reference: draft.reference, amount: slip.amount,
                madeOn: draft.madeOn)
            try remittances.insert(slip, as: pending, at: draft.clinic, in: &change)
            try till.put(slip.items.compactMap(\.movement), on: pending.id, in: &change)
            try deposits.ledger.book(
                try Booking.remittance(slip.amount, as: draft.tender, on: draft.madeOn), about: pending.id,
                piece: draft.reference, in: &change)
            _ = try deposits.run(in: &change)
            return try deposits.trail.answer(pending.id, of: cause.organisation, &change.transaction)
        }
    }

    private func slip(of draft: RemittanceDraft, in change: inout Change) throws -> Remittance {
        switch draft.content {
        case .cash(let items):
            let currency = items.first?.value.currency ?? .eur
            return try Remittance(
                ofCash: items, from: till.cash(at: draft.clinic, in: currency, &change))
        case .takings(let ids):
            let found = try till.lockWaiting(ids, of: draft.tender, at: draft.clinic, in: &change)
            let missing = Set(ids).subtracting(found.map(\.id))
            guard missing.isEmpty else { throw RemittanceRejection.notWaiting(missing.sorted()) }
            return try Remittance(
                of: found.map { Remittance.Item(movement: $0.id, value: $0.amount, pieces: 1) })
        }
    }
}
