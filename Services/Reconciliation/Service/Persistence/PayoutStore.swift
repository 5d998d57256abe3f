import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A payout with where it stands.
struct PayoutRecord: Sendable {
    let payout: PendingPayout
    let bankLine: BankLineID?
    /// What it has of a joint pointing, where it was pointed with others.
    let joint: JointShare?
    /// Nil while it is not pointed.
    let ground: MatchGround?
    let pointedBy: String?
    /// Why it was pointed without a bank line, in a person's words.
    let noLineBecause: String?
    /// What took its money then; of earlier versions that of the bank.
    let noLineAccount: Account?
    /// Where a manager booked what waited of it on account 471, and why.
    let clearing: Difference?
    let timesPointed: Int32

    /// Whether it was pointed by more than the provider's word.
    var isReceived: Bool { pointedBy != nil && ground?.rule != .provider }
}

/// How the money of a payout is known to have arrived.
enum Receipt: Sendable {
    case bankLine(PendingBankLine)
    /// On a person's word, and the account that takes it; no word where an earlier version did not ask why, no account
    /// where it comes to nothing.
    case withoutLine(because: String?, on: Account?)
    /// On the provider's word: nothing is booked of it before the bank shows it.
    case onWord
    /// Together with others.
    case jointly(JointShare)

    var line: PendingBankLine? {
        if case .bankLine(let line) = self { line } else { nil }
    }

    var reason: String? {
        if case .withoutLine(let reason, _) = self { reason } else { nil }
    }

    /// What takes the money where the bank has no line of it.
    var accountWithoutLine: Account? {
        if case .withoutLine(_, let account) = self { account } else { nil }
    }

    var joint: JointShare? {
        if case .jointly(let share) = self { share } else { nil }
    }

    /// What the bank received, and when; nil on a person's word, or the provider's.
    var received: (amount: Money, on: LocalDate)? {
        switch self {
        case .bankLine(let line): (line.amount, line.bookedOn)
        case .jointly(let share): (share.received, share.bookedOn)
        case .withoutLine, .onWord: nil
        }
    }
}

/// Payouts of providers.
struct PayoutStore {
    /// The payout with this reference, made if it is new; an existing one keeps what it was.
    func put(_ payout: PendingPayout, in change: inout Change) throws -> PayoutRecord {
        change.executeLater(
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
            VALUES (\(payout.id), \(change.cause.organisation), \(payout.provider.rawValue), \(payout.reference),
                \(payout.amount.currency.code), \(payout.amount.minorUnits), \(payout.paidOn))
            ON CONFLICT ON CONSTRAINT payout_reference_once DO NOTHING
            """)
        return try change.one(
            """
            SELECT \(Self.columns) FROM payout WHERE organisation = \(change.cause.organisation)
                AND provider = \(payout.provider.rawValue) AND reference = \(payout.reference)
            """, read)
    }

    /// Notes that a provider's API told a payout, with all its lines.
    func note(toldWhole payout: PayoutID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payout SET told_whole = true
            WHERE id = \(payout) AND organisation = \(change.cause.organisation) AND NOT told_whole
            """)
    }

    func isToldWhole(_ payout: PayoutID, in change: inout Change) throws -> Bool {
        try change.one(
            """
            SELECT told_whole FROM payout WHERE id = \(payout) AND organisation = \(change.cause.organisation)
            """
        ) { row in try row("told_whole") }
    }

    /// How payouts are read.
    enum Reading {
        /// To change what is found.
        case locking
        /// To show it; nobody waits for it.
        case looking

        var clause: SQL { self == .locking ? "FOR UPDATE OF payout" : "" }
    }

    /// Payouts that are not pointed, in the order of ids.
    func pending(_ reading: Reading, in change: inout Change) throws -> [PendingPayout] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND pointed_at IS NULL ORDER BY id \(reading.clause)
            """
        ) { row in try read(row).payout }
    }

    /// Payouts that were pointed since they come to nothing: a bank line may still name one, if the bank had received
    /// it.
    func ofNothing(_ reading: Reading, in change: inout Change) throws -> [PendingPayout] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND rule = 'nothing' ORDER BY id \(reading.clause)
            """
        ) { row in try read(row).payout }
    }

    /// Of how many words the longest reference of a payout consists.
    func wordsOfReferenceMax(in change: inout Change) throws -> Int {
        try change.one(
            """
            SELECT coalesce(max(reference_word_count), 0) AS most FROM payout
            WHERE organisation = \(change.cause.organisation)
            """
        ) { row in Int(try row("most") as Int32) }
    }

    /// The references that consist of these words, whoever holds their payouts.
    func references(of words: Set<String>, in change: inout Change) throws -> [String] {
        guard !words.isEmpty else { return [] }
        let counts = Set(words.map { Int32($0.count { $0 == " " }) + 1 })
        return try change.query(
            """
            SELECT reference FROM payout
            WHERE organisation = \(change.cause.organisation) AND reference_word_count = ANY(\(Array(counts))::int[])
                AND reference_words = ANY(\(Array(words))::text[])
            """
        ) { row in try row("reference") }
    }

    /// Payouts that failed and were pointed as nothing since this one brought their money.
    func ofNothing(broughtBy payout: PendingPayout, in change: inout Change) throws -> [PayoutRecord] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND provider = \(payout.provider.rawValue)
                AND rule = 'nothing' AND reference IN (
                    SELECT line.payment_reference FROM settlement_line AS line
                    WHERE line.payout = \(payout.id) AND line.payment IS NULL AND line.kind = 'carried'
                        AND line.gross > 0)
            ORDER BY id FOR UPDATE OF payout
            """, read)
    }

    /// Payouts that come to nothing and are not pointed; of one that failed the money must have come with another.
    func comingToNothing(in change: inout Change) throws -> [PendingPayout] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND pointed_at IS NULL AND amount = 0
                AND NOT nothing_refused AND (
                    NOT EXISTS (
                        SELECT FROM settlement_line AS back
                        WHERE back.payout = payout.id AND back.kind = 'carried' AND back.gross < 0)
                    OR EXISTS (
                        SELECT FROM settlement_line AS line JOIN payout AS other ON other.id = line.payout
                        WHERE line.organisation = payout.organisation AND line.provider = payout.provider
                            AND line.payment_reference = payout.reference AND line.payment IS NULL
                            AND line.kind = 'carried' AND line.gross > 0 AND other.is_received))
            ORDER BY id FOR UPDATE OF payout
            """
        ) { row in try read(row).payout }
    }

    /// A person has taken back that a payout needs no bank line.
    func refuseNothing(_ id: PayoutID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payout SET nothing_refused = true
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    func lock(_ id: PayoutID, in change: inout Change) throws -> PayoutRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM payout
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    /// By the provider's name for it, locked.
    func find(_ reference: String, of provider: Provider, in change: inout Change) throws -> PayoutRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM payout WHERE organisation = \(change.cause.organisation)
                AND provider = \(provider.rawValue) AND reference = \(reference) FOR UPDATE
            """, read)
    }

    /// When a payout was sent, where the books know it.
    func day(
        of reference: String, at provider: Provider, in organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> LocalDate? {
        try transaction.first(
            """
            SELECT paid_on FROM payout WHERE organisation = \(organisation)
                AND provider = \(provider.rawValue) AND reference = \(reference)
            """
        ) { row in try row("paid_on") }
    }

    func find(
        _ id: PayoutID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PayoutRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM payout WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// The payout as it is now.
    func get(_ id: PayoutID, in change: inout Change) throws -> PayoutRecord {
        guard let record = try find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.payout(id)
        }
        return record
    }

    /// The latest day first.
    func list(
        of organisation: OrganisationID, _ filter: PayoutFilter, before place: PayoutPlace, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [PayoutRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE \(filter.condition(of: organisation)) AND (paid_on, id) < (\(place.day), \(place.id))
            ORDER BY paid_on DESC, id DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// Payouts of all organisations that should be at the bank by now and are not, and are no discrepancy yet; one
    /// below nothing the bank should have taken.
    func missing(
        afterDays days: Int, except leftOut: [OrganisationID], _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [(id: PayoutID, organisation: OrganisationID)] {
        try transaction.query(
            """
            SELECT id, organisation FROM payout
            WHERE NOT is_received AND amount <> 0 AND paid_on < current_date - \(Int32(days))
                AND organisation <> ALL(\(leftOut)::uuid[]) AND NOT EXISTS (
                SELECT FROM discrepancy
                WHERE discrepancy.organisation = payout.organisation
                    AND kind = \(DiscrepancyKind.missingPayout.rawValue) AND subject = payout.reference
                    AND (closed_at IS NULL OR closed_by IS NOT NULL))
            ORDER BY paid_on LIMIT \(Int64(limit))
            """
        ) { row in (try row("id"), try row("organisation")) }
    }

    /// A payout is the sum of its lines, of which another report may bring more.
    func set(_ amount: Money, of id: PayoutID, _ change: inout Change) throws {
        change.executeLater(
            """
            UPDATE payout SET amount = \(amount.minorUnits)
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    /// Answers how often it was pointed, this time included.
    func point(
        _ id: PayoutID, to receipt: Receipt, by actor: String, because ground: MatchGround, _ change: inout Change
    ) throws -> Int32 {
        let tolerance = ground.tolerance
        return try change.one(
            """
            UPDATE payout SET bank_line = \(receipt.line?.id), joint_pointing = \(receipt.joint?.pointing.value),
                no_line_because = \(receipt.reason), no_line_account = \(receipt.accountWithoutLine?.number),
                rule = \(ground.rule.rawValue), rule_name = \(ground.name), pointed_by = \(actor), pointed_at = now(),
                times_pointed = times_pointed + 1, tolerance = \(tolerance?.most.minorUnits),
                tolerance_currency = \(tolerance?.most.currency.code),
                tolerance_account = \(tolerance?.difference.account.number),
                tolerance_because = \(tolerance?.difference.reason)
            WHERE id = \(id) AND organisation = \(change.cause.organisation) RETURNING times_pointed
            """
        ) { row in try row("times_pointed") }
    }

    /// How it was pointed stays to be read, with who took that back and when.
    func unpoint(_ id: PayoutID, by author: String, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO pointing_undone (organisation, payout, run, bank_line, joint_pointing, rule, rule_name,
                no_line_because, no_line_account, pointed_by, pointed_at, undone_by)
            SELECT organisation, id, times_pointed, bank_line, joint_pointing, rule, rule_name, no_line_because,
                no_line_account, pointed_by, pointed_at, \(author)
            FROM payout
            WHERE id = \(id) AND organisation = \(change.cause.organisation) AND pointed_at IS NOT NULL
            """)
        change.executeLater(
            """
            UPDATE payout SET bank_line = NULL, joint_pointing = NULL, no_line_because = NULL, no_line_account = NULL,
                rule = NULL, rule_name = NULL, pointed_by = NULL, pointed_at = NULL, tolerance = NULL,
                tolerance_currency = NULL, tolerance_account = NULL, tolerance_because = NULL
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    /// How it was pointed before that was taken back, the last first.
    func undone(
        _ id: PayoutID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [UndonePointingAnswer] {
        try transaction.query(
            """
            SELECT bank_line, joint_pointing, rule, rule_name, no_line_because, no_line_account, pointed_by,
                pointed_at, undone_by, undone_at
            FROM pointing_undone WHERE payout = \(id) AND organisation = \(organisation)
            ORDER BY run DESC LIMIT \(UndonePointingAnswer.shownMax)
            """
        ) { row in
            UndonePointingAnswer(
                bankLineID: try row("bank_line"),
                jointPointingID: (try row("joint_pointing") as UInt128?).map { JointPointingID($0) },
                rule: try row("rule"), ruleName: try row("rule_name"), noBankLineBecause: try row("no_line_because"),
                noBankLineAccount: try row("no_line_account"), pointedBy: try row("pointed_by"),
                pointedAt: try row("pointed_at"), undoneBy: try row("undone_by"),
                undoneAt: try row("undone_at"))
        }
    }

    static let columns: SQL =
        """
        id, provider, reference, currency, amount, paid_on, bank_line, rule, rule_name, pointed_by, no_line_because,
        no_line_account, times_pointed, tolerance, tolerance_currency, tolerance_account, tolerance_because,
        joint_pointing, \(HeldDifferenceStore.clearing(of: "payout.id")),
        (SELECT received FROM joint_pointing_payout AS share
            WHERE share.joint_pointing = payout.joint_pointing AND share.payout = payout.id) AS joint_received,
        (SELECT booked_on FROM joint_pointing WHERE joint_pointing.id = payout.joint_pointing) AS joint_booked_on
        """

    func read(_ row: Row) throws -> PayoutRecord {
        PayoutRecord(
            payout: try payout(row), bankLine: try row("bank_line"), joint: try joint(row), ground: try ground(row),
            pointedBy: try row("pointed_by"), noLineBecause: try row("no_line_because"),
            noLineAccount: try row.optionalAccount("no_line_account"),
            clearing: try row.optionalDifference("cleared_into", because: "cleared_because"),
            timesPointed: try row("times_pointed"))
    }

    /// By itself, without where it stands.
    func payout(_ row: Row) throws -> PendingPayout {
        PendingPayout(
            id: try row("id"), provider: try row.word("provider"), reference: try row("reference"),
            amount: try row.money("amount", try row.currency()), paidOn: try row("paid_on"))
    }

    private func joint(_ row: Row) throws -> JointShare? {
        guard let id: UInt128 = try row("joint_pointing") else { return nil }
        return JointShare(
            pointing: JointPointingID(id), received: try row.money("joint_received", try row.currency()),
            bookedOn: try row("joint_booked_on"))
    }

    func ground(_ row: Row) throws -> MatchGround? {
        guard let _: String = try row("rule") else { return nil }
        return MatchGround(try row.word("rule"), name: try row("rule_name"), tolerance: try tolerance(row))
    }

    private func tolerance(_ row: Row) throws -> MatchingRule.Tolerance? {
        let difference = try row.optionalDifference("tolerance_account", because: "tolerance_because")
        return try difference.map {
            MatchingRule.Tolerance(
                most: try row.money("tolerance", try row.currency("tolerance_currency")), difference: $0)
        }
    }
}
