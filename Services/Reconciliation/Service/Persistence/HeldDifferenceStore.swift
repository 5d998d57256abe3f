import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A difference that was booked from account 471 to another.
struct ClearingID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

extension ClearingID: PostgresEncodable, PostgresDecodable {}

/// What a held difference is of: a payout, a remittance, a line of a cash-up or a discrepancy.
struct HeldSubject: Hashable, Sendable {
    /// By whichever of the four it is.
    struct ID: Identifier {
        let words: IdentifierWords

        init(words: IdentifierWords) { self.words = words }
    }

    let kind: HeldDifference.Kind
    let id: ID
    /// Of a line of a cash-up, else 0.
    var position: Int32 = 0

    init(_ kind: HeldDifference.Kind, _ id: ID, position: Int32 = 0) {
        (self.kind, self.id, self.position) = (kind, id, position)
    }
}

extension HeldSubject.ID: PostgresEncodable, PostgresDecodable {}

/// A place in the list of what is held.
struct HeldPlace: Sendable {
    static let beginning = HeldPlace(subject: HeldSubject.ID(0), position: -1)

    let subject: HeldSubject.ID
    let position: Int32
}

/// Differences on account 471, and how managers cleared them.
struct HeldDifferenceStore {
    /// What is held of something, and what it is called in entries; nil where nothing is.
    func held(
        _ subject: HeldSubject, in change: inout Change
    ) throws -> (difference: HeldDifference, piece: String)? {
        try change.first(
            """
            SELECT held.currency, held.amount, held.piece, clearing.cleared_by, \(Self.bookedOn) AS booked_on
            FROM (\(Self.all)) AS held \(Self.withClearing)
            WHERE held.organisation = \(change.cause.organisation) AND held.kind = \(subject.kind.rawValue)
                AND held.subject = \(subject.id) AND held.position = \(subject.position)
            """
        ) { row in
            (
                HeldDifference(
                    amount: try row.money("amount", try row.currency()), bookedOn: try row("booked_on"),
                    clearedBy: try row("cleared_by")),
                try row("piece")
            )
        }
    }

    func list(
        of organisation: OrganisationID, isCleared: Bool?, after place: HeldPlace, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [HeldDifferenceAnswer] {
        try transaction.query(
            """
            SELECT held.kind, held.subject, held.position, held.currency, held.amount, held.piece, held.reason,
                held.held_by, clearing.id AS clearing, clearing.account, \(Self.bookedOn) AS booked_on
            FROM (\(Self.all)) AS held \(Self.withClearing)
            WHERE held.organisation = \(organisation)
                AND (\(isCleared)::boolean IS NULL OR (clearing.id IS NOT NULL) = \(isCleared))
                AND (held.subject, held.position) > (\(place.subject), \(place.position))
            ORDER BY held.subject, held.position LIMIT \(Int64(limit))
            """
        ) { row in
            HeldDifferenceAnswer(
                kind: try row("kind"), id: try row("subject"), position: try row("position"),
                piece: try row("piece"), bookedOn: try row("booked_on"),
                amount: try row.money("amount", try row.currency()), reason: try row("reason"),
                heldBy: try row("held_by"), clearingID: try row("clearing"), clearedInto: try row("account"))
        }
    }

    // MARK: Clearings

    /// Answers the run of its entry.
    func insert(
        _ id: ClearingID, of subject: HeldSubject, _ amount: Money, called piece: String, _ wish: ClearingWish,
        on day: LocalDate, in change: inout Change
    ) throws -> Int32 {
        try change.one(
            """
            INSERT INTO held_clearing (id, organisation, kind, subject, position, run, piece, currency, amount, account,
                reason, booked_on, cleared_by)
            SELECT \(id), \(change.cause.organisation), \(subject.kind.rawValue), \(subject.id), \(subject.position),
                coalesce(max(run), 0) + 1, \(piece), \(amount.currency.code), \(amount.minorUnits),
                \(wish.account.number), \(wish.reason), \(day), \(change.cause.actor)
            FROM held_clearing WHERE subject = \(subject.id)
            RETURNING run
            """
        ) { row in try row("run") }
    }

    /// What is not held any more, or in another amount, is of no clearing: those that live and are of such a thing.
    func outdated(_ kind: HeldDifference.Kind, _ subject: some Identifier, in change: inout Change) throws
        -> [ClearingRecord]
    {
        let live = try change.query(
            """
            SELECT \(Self.columns) FROM held_clearing
            WHERE organisation = \(change.cause.organisation) AND kind = \(kind.rawValue)
                AND subject = \(subject.value) AND undone_at IS NULL
            ORDER BY position
            """, read)
        return try live.filter { clearing in
            try held(clearing.subject, in: &change)?.difference.amount != clearing.amount
        }
    }

    func lock(_ id: ClearingID, in change: inout Change) throws -> ClearingRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM held_clearing
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    func undo(_ id: ClearingID, because reason: String?, in change: inout Change) {
        change.executeLater(
            """
            UPDATE held_clearing SET undone_by = \(change.cause.actor), undone_at = now(), undone_because = \(reason)
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    func find(
        _ id: ClearingID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> ClearingAnswer? {
        try transaction.first(
            "SELECT \(Self.shown) FROM held_clearing WHERE id = \(id) AND organisation = \(organisation)", answer)
    }

    /// Also those that were taken back, the last first.
    func clearings(
        of organisation: OrganisationID, before id: ClearingID, limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClearingAnswer] {
        try transaction.query(
            """
            SELECT \(Self.shown) FROM held_clearing WHERE organisation = \(organisation) AND id < \(id)
            ORDER BY id DESC LIMIT \(Int64(limit))
            """, answer)
    }

    private static let columns: SQL = "id, kind, subject, position, run, piece, currency, amount, undone_by"

    private static let shown: SQL =
        "\(columns), account, reason, booked_on, cleared_by, cleared_at, undone_at, undone_because"

    private func read(_ row: Row) throws -> ClearingRecord {
        ClearingRecord(
            id: try row("id"),
            subject: HeldSubject(try row.word("kind"), try row("subject"), position: try row("position")),
            run: try row("run"), piece: try row("piece"), amount: try row.money("amount", try row.currency()),
            undoneBy: try row("undone_by"))
    }

    private func answer(_ row: Row) throws -> ClearingAnswer {
        ClearingAnswer(
            try read(row), account: try row("account"), reason: try row("reason"), bookedOn: try row("booked_on"),
            clearedBy: try row("cleared_by"), clearedAt: try row("cleared_at"), undoneAt: try row("undone_at"),
            undoneBecause: try row("undone_because"))
    }

    /// Where what waited on account 471 of something was booked, and why; nothing before.
    ///
    /// A cash-up has a difference at each position.
    static func clearing(of subject: SQL, at position: SQL = "0") -> SQL {
        """
        (SELECT live.account FROM held_clearing AS live
            WHERE live.subject = \(subject) AND live.position = \(position) AND live.undone_at IS NULL) AS cleared_into,
        (SELECT live.reason FROM held_clearing AS live
            WHERE live.subject = \(subject) AND live.position = \(position) AND live.undone_at IS NULL)
            AS cleared_because
        """
    }

    // MARK: What is held

    /// Of what is `held` the `clearing` that holds, if there is one.
    static let withClearing: SQL = """
        LEFT JOIN held_clearing AS clearing
            ON clearing.subject = held.subject AND clearing.position = held.position AND undone_at IS NULL
        """

    /// When what is `held` was put there.
    static let bookedOn: SQL = """
        (SELECT max(booked_on) FROM ledger_entry
            WHERE ledger_entry.subject = held.subject
                AND ledger_entry.kind IN ('payout', 'deposit', 'till-difference', 'discrepancy-closed'))
        """

    /// What account 471 was debited with since somebody named it, of each thing; what has a discrepancy that may still
    /// be closed onto an account is not among it.
    ///
    /// Discrepancies are looked for payout by payout (OFFSET 0): joined, all are read for each payout where few are
    /// believed to be held.
    static let all: SQL = """
        SELECT 'payout' AS kind, id AS subject, 0 AS position, organisation, currency, told - received AS amount,
            reference AS piece, tolerance_because AS reason, pointed_by AS held_by
        FROM (
            SELECT payout.*, \(SumInvariants.received) AS received, \(SumInvariants.told)::bigint AS told
            FROM payout
            WHERE is_received AND tolerance_account = '471000' AND tolerance_currency = currency) AS pointed
        WHERE received <> told AND abs(received - told) <= tolerance AND NOT EXISTS (
            SELECT FROM discrepancy
            WHERE discrepancy.payout = pointed.id AND kind = 'payout-amount' AND closed_into IS NOT NULL OFFSET 0)
        UNION ALL
        SELECT 'payout', id, 0, organisation, currency, amount, reference, no_line_because, pointed_by
        FROM payout WHERE no_line_account = '471000' AND amount <> 0
        UNION ALL
        SELECT 'remittance', remittance.id, 0, remittance.organisation, remittance.currency,
            remittance.amount - bank_line.amount, remittance.reference, difference_because, pointed_by
        FROM remittance JOIN bank_line ON bank_line.id = remittance.bank_line
        WHERE difference_account = '471000' AND bank_line.amount <> remittance.amount
        UNION ALL
        SELECT 'cash-up', cash_up, position, line.organisation, currency, expected - counted, method || ' ' || day,
            reason, closed_by
        FROM cash_up_line AS line JOIN cash_up ON cash_up.id = line.cash_up
        WHERE account = '471000' AND expected <> counted
        UNION ALL
        SELECT 'discrepancy', discrepancy.id, 0, discrepancy.organisation, residue.currency, -residue.amount,
            discrepancy.subject, closed_because, closed_by
        FROM (\(ResidueStore.all)) AS residue JOIN discrepancy ON discrepancy.id = residue.discrepancy
        WHERE residue.closed_into = '471000' AND residue.account <> '471000' AND residue.amount <> 0
        """
}

/// A clearing with what its entry is about.
struct ClearingRecord: Sendable {
    let id: ClearingID
    let subject: HeldSubject
    let run: Int32
    let piece: String
    let amount: Money
    /// Nil while it holds.
    let undoneBy: String?
}
