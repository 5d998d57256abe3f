import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Lines of a report before they are taken: in tables of one connection, gone with it.
struct StagedSettlement {
    /// Lines that are looked at one by one, so many at a time.
    static let batch = 1_000

    /// A line with the id it would have.
    struct Draft: Sendable {
        let id: SettlementLineID
        let found: FoundSettlement.Line
    }

    /// A payout of the file, as the books know it.
    struct Known: Sendable {
        let place: Int32
        let payout: PendingPayout
        let isPointed: Bool
        /// Whether it was known whole before: told otherwise, no line of it can be missing.
        let wasWhole: Bool
    }

    func create(_ transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            CREATE TEMPORARY TABLE staged_line (
                position bigint, place int, id uuid, kind text, reference text, payment_reference text, ours uuid,
                currency text, gross bigint, fee bigint, told_fee_vat bigint, number int, payment uuid)
            """)
        try transaction.execute(
            """
            CREATE TEMPORARY TABLE staged_payout (
                place int PRIMARY KEY, payout uuid, is_pointed boolean, was_whole boolean)
            """)
    }

    /// `first` is the position of the first of them.
    func add(_ drafts: [Draft], from first: Int64, _ transaction: inout PostgresTransaction) throws {
        let columns: SQL =
            "position, place, id, kind, reference, payment_reference, ours, currency, gross, fee, told_fee_vat, number"
        try transaction.copyIn("COPY staged_line (\(columns)) FROM STDIN", of: drafts.enumerated()) { draft, row in
            let (id, found) = (draft.element.id, draft.element.found)
            row.append(first + Int64(draft.offset))
            row.append(found.payout)
            row.append(id.value)
            row.append(found.line.kind.rawValue)
            row.append(found.line.reference)
            row.append(found.line.paymentReference)
            row.append(found.line.paymentReference.flatMap { PaymentID($0) })
            row.append(found.line.gross.currency.code)
            row.append(found.line.gross.minorUnits)
            row.append(found.line.fee.minorUnits)
            row.append(found.line.feeVAT?.minorUnits)
            row.append(Int32(clamping: found.number))
        }
    }

    // MARK: What a file must be

    /// Forgets what belongs to no payout of the file, and finds what contradicts itself in it.
    func check(_ heads: [FoundSettlement.Head], _ transaction: inout PostgresTransaction) throws {
        try transaction.execute("DELETE FROM staged_line WHERE place NOT IN (SELECT unnest(\(heads.map(\.payout))))")
        try transaction.execute("CREATE INDEX ON staged_line (place, position)")
        try transaction.execute("CREATE INDEX ON staged_line (reference)")
        try transaction.execute("ANALYZE staged_line")
        let strange: FileProblem? = try transaction.first(
            """
            SELECT number, currency, first FROM (
                SELECT *, first_value(currency) OVER (PARTITION BY place ORDER BY position) AS first
                FROM staged_line) AS line
            WHERE currency <> first ORDER BY position LIMIT 1
            """
        ) { row in
            FileProblem.currency(try row.currency(), try row.currency("first"), line: Int(try row("number") as Int32))
        }
        if let strange { throw strange }
        let contradiction: FileProblem? = try transaction.first(
            """
            SELECT reference, max(number) AS number FROM staged_line GROUP BY place, reference
            HAVING count(DISTINCT (kind, payment_reference, gross, fee, told_fee_vat)) > 1 ORDER BY 2 LIMIT 1
            """
        ) { row in FileProblem.toldOtherwise(try row("reference"), line: Int(try row("number") as Int32)) }
        if let contradiction { throw contradiction }
    }

    /// References that are in a payout of the file twice, with its place; they count once.
    func dropDuplicates(_ transaction: inout PostgresTransaction) throws -> [(place: Int32, reference: String)] {
        let twice = try transaction.query(
            """
            SELECT place, reference FROM staged_line GROUP BY place, reference HAVING count(*) > 1
            ORDER BY place, reference
            """
        ) { row in (place: try row("place") as Int32, reference: try row("reference") as String) }
        guard !twice.isEmpty else { return [] }
        try transaction.execute(
            """
            DELETE FROM staged_line WHERE position IN (
                SELECT position FROM (
                    SELECT position, row_number() OVER (PARTITION BY place, reference ORDER BY position) AS times
                    FROM staged_line) AS line
                WHERE times > 1)
            """)
        return twice
    }

    /// What the lines of each payout come to.
    func sums(_ transaction: inout PostgresTransaction) throws -> [Int32: Money] {
        let sums = try transaction.query(
            "SELECT place, min(currency) AS currency, sum(gross - fee)::bigint AS sum FROM staged_line GROUP BY place"
        ) { row in (try row("place") as Int32, try row.money("sum", try row.currency())) }
        return Dictionary(uniqueKeysWithValues: sums)
    }

    func count(_ transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one("SELECT count(*) AS count FROM staged_line") { row in try row("count") }
    }

    // MARK: Taking

    /// Names the payouts the places stand for, and the payments the lines are about.
    func know(_ known: [Known], of provider: Provider, in change: inout Change) throws {
        try change.transaction.copyIn("COPY staged_payout FROM STDIN", of: known) { known, row in
            row.append(known.place)
            row.append(known.payout.id)
            row.append(known.isPointed)
            row.append(known.wasWhole)
        }
        // Told again as it is known and with more, it lacks what nets to nothing.
        try change.execute(
            """
            UPDATE staged_payout SET was_whole = EXISTS (
                SELECT FROM settlement_line AS known
                WHERE known.payout = staged_payout.payout AND NOT EXISTS (
                    SELECT FROM staged_line
                    WHERE staged_line.place = staged_payout.place AND staged_line.reference = known.reference))
                OR EXISTS (
                SELECT FROM discrepancy AS twice
                WHERE twice.organisation = \(change.cause.organisation)
                    AND twice.kind = \(DiscrepancyKind.duplicate.rawValue) AND twice.amount IS NOT NULL
                    AND twice.payout = staged_payout.payout AND NOT EXISTS (
                        SELECT FROM staged_line
                        WHERE staged_line.place = staged_payout.place AND staged_line.reference = twice.subject))
            WHERE was_whole
            """)
        for sameness in [
            "expectation.provider_reference = staged_line.payment_reference", "expectation.payment = ours",
        ]
            as [SQL]
        {
            try change.execute(
                """
                UPDATE staged_line SET payment = expectation.payment FROM expectation
                WHERE expectation.organisation = \(change.cause.organisation)
                    AND expectation.provider = \(provider.rawValue) AND \(sameness)
                """)
        }
        try change.execute("CREATE INDEX ON staged_line (payment)")
        try change.execute("ANALYZE staged_line")
        try change.execute("ANALYZE staged_payout")
    }

    /// Takes what is as expected at once: lines of payments that nobody told anything else of, settled by them alone.
    ///
    /// Of such a line nothing is booked, compared or opened, so it needs no look of its own; all others get one.
    func takeExpected(of provider: Provider, in change: inout Change) throws -> Int {
        let organisation = change.cause.organisation
        let taken = try change.execute(
            """
            INSERT INTO settlement_line (id, organisation, provider, reference, kind, payment_reference, payment,
                payout, currency, gross, fee, told_fee_vat)
            SELECT line.id, \(organisation), \(provider.rawValue), line.reference, kind, payment_reference,
                line.payment, staged_payout.payout, line.currency, gross, line.fee, told_fee_vat
            FROM staged_line AS line JOIN staged_payout USING (place)
                JOIN expectation ON expectation.payment = line.payment
            WHERE kind = 'payment' AND NOT is_pointed AND NOT was_whole AND line.currency = expectation.currency
                AND gross = expectation.amount AND line.fee = expectation.fee + expectation.fee_vat
                AND (told_fee_vat IS NULL OR told_fee_vat = expectation.fee_vat)
                AND refunded = 0 AND returned = 0 AND withheld = 0 AND settlement_line IS NULL
                AND NOT EXISTS (
                    SELECT FROM staged_line AS other WHERE other.payment = line.payment AND other.id <> line.id)
                AND NOT EXISTS (SELECT FROM settlement_line AS known WHERE known.payment = line.payment)
                AND NOT EXISTS (SELECT FROM dispute WHERE dispute.payment = line.payment)
                AND NOT EXISTS (
                    SELECT FROM discrepancy WHERE discrepancy.payment = line.payment AND closed_at IS NULL)
            ORDER BY position
            ON CONFLICT ON CONSTRAINT settlement_line_once DO NOTHING
            """)
        try change.execute(
            """
            UPDATE expectation SET settlement_line = line.id, payout = line.payout
            FROM staged_payout JOIN settlement_line AS line ON line.payout = staged_payout.payout
            WHERE line.taken_in = pg_current_xact_id() AND line.payment = expectation.payment
                AND expectation.organisation = \(organisation)
            """)
        return taken
    }

    /// A line that needs a look of its own.
    struct Remaining: Sendable {
        let place: Int32
        let line: SettlementLine
    }

    /// Lines that were not taken yet and are not known as they are, in the order of the file, some at a time.
    ///
    /// Of a payout that was whole before, only what contradicts it is looked at: the provider told the same in other
    /// lines, and both together would be more than it paid.
    func findRemaining(of provider: Provider, in change: inout Change) throws {
        try change.execute(
            """
            DECLARE remaining_line NO SCROLL CURSOR FOR
            SELECT staged.place, kind, reference, payment_reference, currency, gross, fee, told_fee_vat
            FROM staged_line AS staged JOIN staged_payout USING (place)
            WHERE NOT EXISTS (
                SELECT FROM settlement_line AS known
                WHERE known.organisation = \(change.cause.organisation) AND known.provider = \(provider.rawValue)
                    AND known.reference = staged.reference AND known.payout = staged_payout.payout
                    AND (known.kind, known.currency, known.gross, known.fee)
                        = (staged.kind, staged.currency, staged.gross, staged.fee))
                AND (NOT was_whole OR EXISTS (
                    SELECT FROM settlement_line AS known
                    WHERE known.organisation = \(change.cause.organisation) AND known.provider = \(provider.rawValue)
                        AND known.reference = staged.reference))
            ORDER BY position
            """)
    }

    /// The next of them; none after the last.
    func nextRemaining(in change: inout Change) throws -> [Remaining] {
        let found = try change.query(
            "FETCH FORWARD \(unescaped: "\(Self.batch)") FROM remaining_line"
        ) { row in
            let currency = try row.currency()
            let vat: Int64? = try row("told_fee_vat")
            return Remaining(
                place: try row("place"),
                line: SettlementLine(
                    kind: try row.word("kind"), reference: try row("reference"),
                    paymentReference: try row("payment_reference"), payoutReference: "",
                    gross: try row.money("gross", currency), fee: try row.money("fee", currency),
                    feeVAT: vat.map { Money($0, currency) }))
        }
        if found.isEmpty { try change.execute("CLOSE remaining_line") }
        return found
    }

    /// The places of payouts that got a line.
    func changed(of provider: Provider, in change: inout Change) throws -> Set<Int32> {
        let places: [Int32] = try change.query(
            """
            SELECT DISTINCT staged.place FROM staged_line AS staged
                JOIN settlement_line ON settlement_line.organisation = \(change.cause.organisation)
                    AND settlement_line.provider = \(provider.rawValue)
                    AND settlement_line.reference = staged.reference
                JOIN staged_payout ON staged_payout.place = staged.place
                    AND staged_payout.payout = settlement_line.payout
            WHERE settlement_line.taken_in = pg_current_xact_id()
            """
        ) { row in try row("place") }
        return Set(places)
    }
}
