import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What matching has pointed itself and may point otherwise.
///
/// Nothing of it is locked: whoever points or un-points is alone in the books.
struct StandingMatchStore {
    let windowDays: Int
    let payouts = PayoutStore()

    /// What a rule pointed that is in force no more stays, as does what was told otherwise since it was pointed by its
    /// amount, whose difference has a name.
    func all(by rules: MatchingRules, in change: inout Change) throws -> StandingMatches {
        let inForce = Set(rules.rules.map { MatchGround($0) })
        let matches = try single(in: &change).filter { match in
            try match.ground.holds(with: match.difference())
                && (match.rule != .organisationRule || inForce.contains(match.ground))
        }
        return StandingMatches(matches: matches, joints: try joints(in: &change))
    }

    private func single(in change: inout Change) throws -> [PayoutMatch] {
        try change.query(
            """
            SELECT \(Self.payoutColumns), rule, rule_name, tolerance, tolerance_currency, tolerance_account,
                tolerance_because, \(Self.lineColumns)
            FROM payout JOIN bank_line AS line ON line.id = payout.bank_line
            WHERE payout.organisation = \(change.cause.organisation) AND pointed_by = 'matching'
                AND rule IN ('reference', 'amount-and-date', 'organisation-rule')
                AND NOT \(Self.isInClosedBooks(.payout, of: "payout", in: change.cause.organisation))
            ORDER BY payout.id
            """
        ) { row -> PayoutMatch? in
            guard let ground = try payouts.ground(row) else { return nil }
            return PayoutMatch(
                payout: try payouts.payout(row), bankLine: try line(row), ground: ground, windowDays: windowDays)
        }.compactMap { $0 }
    }

    private func joints(in change: inout Change) throws -> [StandingMatches.Joint] {
        let organisation = change.cause.organisation
        let shares: [(joint: JointPointingID, payout: PendingPayout, isClosed: Bool)] = try change.query(
            """
            SELECT joint.id AS joint, \(Self.payoutColumns),
                \(Self.isInClosedBooks(.payout, of: "payout", in: organisation)) AS is_closed
            FROM joint_pointing AS joint JOIN joint_pointing_payout AS share ON share.joint_pointing = joint.id
                JOIN payout ON payout.id = share.payout
            WHERE joint.organisation = \(organisation) AND made_by = 'matching' AND undone_at IS NULL
            ORDER BY payout.id
            """
        ) { row in (JointPointingID(try row("joint") as UInt128), try payouts.payout(row), try row("is_closed")) }
        guard !shares.isEmpty else { return [] }
        let joined: [(joint: JointPointingID, line: PendingBankLine)] = try change.query(
            """
            SELECT joint.id AS joint, \(Self.lineColumns)
            FROM joint_pointing AS joint JOIN joint_pointing_line AS joined ON joined.joint_pointing = joint.id
                JOIN bank_line AS line ON line.id = joined.bank_line
            WHERE joint.organisation = \(organisation) AND made_by = 'matching' AND undone_at IS NULL
            ORDER BY line.id
            """
        ) { row in (JointPointingID(try row("joint") as UInt128), try line(row)) }
        let lines = Dictionary(grouping: joined, by: \.joint)
        return Dictionary(grouping: shares, by: \.joint).filter { !$0.value.contains(where: \.isClosed) }
            .map { id, shares in
                StandingMatches.Joint(
                    id: id, payouts: shares.map(\.payout), bankLines: (lines[id] ?? []).map(\.line))
            }.sorted { $0.id < $1.id }
    }

    // MARK: Columns

    /// Whether its entry is of days whose books are closed: it stays as it is.
    ///
    /// Each entry is looked up by itself: a join would compare every one with all that is closed where statistics
    /// know nothing of it yet.
    static func isInClosedBooks(
        _ kind: LedgerEntry.Kind, of pointed: SQL, in organisation: OrganisationID
    ) -> SQL {
        """
        coalesce((
            SELECT booked.booked_on FROM ledger_entry AS booked
            WHERE booked.kind = \(kind.rawValue) AND booked.subject = \(pointed).id
                AND booked.run = \(pointed).times_pointed
        ) <= (
            SELECT max(to_day) FROM accounting_period
            WHERE organisation = \(organisation) AND reopened_at IS NULL), false)
        """
    }

    private static let payoutColumns: SQL =
        "payout.id, provider, payout.reference, payout.currency, payout.amount, paid_on"

    private static let lineColumns: SQL =
        """
        line.id AS line, line.currency AS line_currency, line.amount AS line_amount, line.booked_on, line.description,
        line.iban
        """

    private func line(_ row: Row) throws -> PendingBankLine {
        PendingBankLine(
            id: try row("line"), amount: try row.money("line_amount", try row.currency("line_currency")),
            bookedOn: try row("booked_on"), text: try row("description"), iban: try row("iban"))
    }
}
