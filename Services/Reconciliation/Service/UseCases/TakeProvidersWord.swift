import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says whether payouts are pointed on the provider's word, and points or un-points at once what that changes (REC-2).
struct TakeProvidersWord {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts

    func run(_ isTaken: Bool, because cause: Cause) async throws -> Applied<ProvidersWordAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            try match.words.put(isTaken: isTaken, as: ids.next(), in: &change)
            if isTaken {
                match.payouts.forgetWords(in: &change)
            } else {
                try match.endWords(in: &change)
            }
            _ = try match.run(in: &change)
            return try match.words.said(by: cause.organisation, &change.transaction) ?? .unsaid
        }
    }
}

/// What is pointed on the provider's word, until the bank shows it.
extension MatchPayouts {
    /// What no bank line was found for and its provider says it paid, where the organisation takes its word.
    func pointOnWord(in change: inout Change) throws -> Int {
        guard try words.isTaken(by: change.cause.organisation, &change.transaction) else { return 0 }
        let said = try payouts.saidPaid(in: &change).filter(\.isPointedByWord)
        for said in said {
            try point(said.payout, to: .onWord, by: Self.author, because: MatchGround(.provider), &change)
        }
        return said.count
    }

    /// What a provider says of payouts now: what it takes back is pointed on its word no more.
    func hear(_ word: ProvidersWord, of ids: [PayoutID], in change: inout Change) throws {
        payouts.note(word, of: ids, in: &change)
        guard word != .paid else { return }
        for id in ids.sorted() {
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            try takeBackWord(of: record, by: Self.author, in: &change)
        }
    }

    /// A person, or the bank, knows better than the provider's word; what is pointed otherwise stays as it is.
    func takeBackWord(of record: PayoutRecord, by author: String, in change: inout Change) throws {
        guard record.ground?.rule == .provider else { return }
        try takeBack(record, by: author, in: &change)
    }

    /// The organisation takes the word no more: what was pointed on it waits for its bank line again.
    func endWords(in change: inout Change) throws {
        for payout in try payouts.onWord(.locking, in: &change) {
            guard let record = try payouts.lock(payout.id, in: &change) else { throw NotFound.payout(payout.id) }
            try takeBackWord(of: record, by: change.cause.actor, in: &change)
        }
    }
}
