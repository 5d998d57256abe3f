import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A payout with where it stands.
struct PayoutRecord: Sendable {
    let payout: PendingPayout
    let bankLine: BankLineID?
    let rule: String?
    let pointedBy: String?
    let timesPointed: Int32
}

/// Payouts and the settlement lines they consist of.
struct PayoutStore {
    /// The payout with this reference, made if it is new; an existing one keeps what it was.
    func put(_ payout: PendingPayout, in change: inout Change) throws -> PayoutID {
        try change.execute(
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
            VALUES (\(payout.id), \(change.cause.organisation), \(payout.provider.rawValue), \(payout.reference),
                \(payout.amount.currency.code), \(payout.amount.minorUnits), \(payout.paidOn))
            ON CONFLICT ON CONSTRAINT payout_reference_once DO NOTHING
            """)
        return try change.one(
            """
            SELECT id FROM payout WHERE organisation = \(change.cause.organisation)
                AND provider = \(payout.provider.rawValue) AND reference = \(payout.reference)
            """
        ) { row in try row("id") }
    }

    /// False when an earlier import brought the line.
    func insert(
        _ line: SettlementLine, of provider: Provider, in payout: PayoutID, for payment: PaymentID?,
        _ change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO settlement_line (organisation, provider, reference, kind, payment_reference, payment, payout,
                currency, gross, fee)
            VALUES (\(change.cause.organisation), \(provider.rawValue), \(line.reference), \(line.kind.rawValue),
                \(line.paymentReference), \(payment), \(payout), \(line.gross.currency.code), \(line.gross.minorUnits),
                \(line.fee.minorUnits))
            ON CONFLICT ON CONSTRAINT settlement_line_once DO NOTHING
            """) == 1
    }

    func lines(
        of payout: PendingPayout, _ transaction: inout PostgresTransaction
    ) throws -> [SettlementLine] {
        try transaction.query(
            """
            SELECT kind, reference, payment_reference, currency, gross, fee FROM settlement_line
            WHERE payout = \(payout.id) ORDER BY reference
            """
        ) { row in
            let currency = try row.currency()
            return SettlementLine(
                kind: try row.word("kind"), reference: try row("reference"),
                paymentReference: try row("payment_reference"),
                payoutReference: payout.reference, gross: try row.money("gross", currency),
                fee: try row.money("fee", currency))
        }
    }

    /// Payouts that are not pointed, locked in the order of ids.
    func lockPending(in change: inout Change) throws -> [PendingPayout] {
        try change.query(
            """
            SELECT \(Self.columns) FROM payout
            WHERE organisation = \(change.cause.organisation) AND pointed_at IS NULL ORDER BY id FOR UPDATE
            """
        ) { row in try read(row).payout }
    }

    func lock(_ id: PayoutID, in change: inout Change) throws -> PayoutRecord? {
        try change.first("SELECT \(Self.columns) FROM payout WHERE id = \(id) FOR UPDATE", read)
    }

    func find(_ id: PayoutID, _ transaction: inout PostgresTransaction) throws -> PayoutRecord? {
        try transaction.first("SELECT \(Self.columns) FROM payout WHERE id = \(id)", read)
    }

    func list(
        of organisation: OrganisationID, before id: PayoutID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [PayoutRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM payout WHERE organisation = \(organisation) AND id < \(id)
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    func point(
        _ id: PayoutID, to line: BankLineID?, by actor: String, because rule: String, _ change: inout Change
    ) throws {
        try change.execute(
            """
            UPDATE payout SET bank_line = \(line), rule = \(rule), pointed_by = \(actor), pointed_at = now(),
                times_pointed = times_pointed + 1
            WHERE id = \(id)
            """)
    }

    func unpoint(_ id: PayoutID, in change: inout Change) throws {
        try change.execute(
            "UPDATE payout SET bank_line = NULL, rule = NULL, pointed_by = NULL, pointed_at = NULL WHERE id = \(id)")
    }

    private static let columns: SQL =
        "id, provider, reference, currency, amount, paid_on, bank_line, rule, pointed_by, times_pointed"

    private func read(_ row: Row) throws -> PayoutRecord {
        PayoutRecord(
            payout: PendingPayout(
                id: try row("id"), provider: try row.word("provider"), reference: try row("reference"),
                amount: try row.money("amount", try row.currency()), paidOn: try row("paid_on")),
            bankLine: try row("bank_line"), rule: try row("rule"), pointedBy: try row("pointed_by"),
            timesPointed: try row("times_pointed"))
    }
}
