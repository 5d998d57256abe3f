import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Whether organisations take the word of their providers; every change of a person is kept.
struct ProvidersWordStore {
    func put(isTaken: Bool, as id: UInt128, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO providers_word (id, organisation, is_taken, changed_by)
            VALUES (\(id), \(change.cause.organisation), \(isTaken), \(change.cause.actor))
            """)
    }

    /// What was said last; nil until somebody has said something, which is no.
    func said(
        by organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> ProvidersWordAnswer? {
        try transaction.first(
            """
            SELECT is_taken, changed_by, changed_at FROM providers_word
            WHERE organisation = \(organisation) ORDER BY id DESC LIMIT 1
            """
        ) { row in
            ProvidersWordAnswer(
                isTaken: try row("is_taken"), changedBy: try row("changed_by"), changedAt: try row("changed_at"))
        }
    }

    func isTaken(by organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Bool {
        try said(by: organisation, &transaction)?.isTaken ?? false
    }
}

/// What providers say of payouts, and what is pointed on that.
extension PayoutStore {
    /// Payouts that were pointed on the provider's word: a bank line is looked for all the same.
    func onWord(_ reading: Reading, in change: inout Change) throws -> [PendingPayout] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND rule = 'provider' ORDER BY id \(reading.clause)
            """
        ) { row in try read(row).payout }
    }

    /// Payouts that are not pointed and that the provider says it paid.
    func saidPaid(in change: inout Change) throws -> [SaidPayout] {
        try change.query(
            """
            SELECT \(Self.columns), provider_says, word_refused FROM payout
            WHERE organisation = \(change.cause.organisation) AND pointed_at IS NULL AND provider_says = 'paid'
            ORDER BY id FOR UPDATE OF payout
            """
        ) { row in
            SaidPayout(
                try read(row).payout, word: try row.word("provider_says"), isRefused: try row("word_refused"))
        }
    }

    /// Notes what a provider says of payouts now.
    func note(_ word: ProvidersWord, of ids: [PayoutID], in change: inout Change) {
        let kept = word == .sent ? nil : word.rawValue
        change.executeLater(
            """
            UPDATE payout SET provider_says = \(kept)
            WHERE id = ANY(\(ids)) AND organisation = \(change.cause.organisation)
                AND provider_says IS DISTINCT FROM \(kept)::text
            """)
    }

    /// What providers that may take their word back said of payouts that wait is asked again: while it was not taken,
    /// nobody asked whether it still holds.
    func forgetWords(in change: inout Change) {
        let providers = Provider.allCases.filter { ProvidersWord.mayChange(at: $0) }.map(\.rawValue)
        change.executeLater(
            """
            UPDATE payout SET provider_says = NULL
            WHERE organisation = \(change.cause.organisation) AND provider = ANY(\(providers))
                AND pointed_at IS NULL AND provider_says IS NOT NULL
            """)
    }

    /// Of the payouts of some references those of which a provider said something else before.
    func news(
        among told: [(reference: String, word: ProvidersWord)], at provider: Provider, in organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> [(id: PayoutID, word: ProvidersWord)] {
        try transaction.query(
            """
            SELECT id, word
            FROM unnest(\(told.map { $0.reference }), \(told.map { $0.word.rawValue })) AS told (reference, word)
                JOIN payout USING (reference)
            WHERE organisation = \(organisation) AND provider = \(provider.rawValue)
                AND coalesce(provider_says, 'sent') <> word
            ORDER BY id
            """
        ) { row in (try row("id"), try row.word("word")) }
    }

    /// The day of the first payout that waits for the bank and of which a provider may have said something new.
    func wordAwaited(
        at provider: Provider, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> LocalDate? {
        try transaction.one(
            """
            SELECT min(paid_on) AS day FROM payout
            WHERE organisation = \(organisation) AND provider = \(provider.rawValue) AND NOT is_received AND amount <> 0
                AND (provider_says IS NULL AND paid_on > current_date - \(Self.askedAgainWithinDays)
                    OR (provider_says = 'paid' AND paid_on > current_date - \(Self.takenBackWithinDays)))
            """
        ) { row in try row("day") }
    }

    /// What was never said of a payout that nothing brought for a year is asked no more: each look would reach so far
    /// back.
    private static let askedAgainWithinDays: Int32 = 366

    /// A payout that Stripe calls paid may fail within five business days; twice as long, and holidays.
    private static let takenBackWithinDays: Int32 = 30

    /// A person has taken back that the provider's word points it: it does so no more.
    func refuseWord(_ id: PayoutID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payout SET word_refused = true
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }
}
