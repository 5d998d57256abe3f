import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A line of a settlement report with the payout it is in.
struct SettlementRecord: Sendable {
    let id: SettlementLineID
    let line: SettlementLine
    let payout: PayoutID
    let paidOn: LocalDate
}

/// The lines of providers' settlement reports.
struct SettlementStore {
    let ids: IdentifierSource

    /// Nil when an earlier import brought the line.
    func insert(
        _ line: SettlementLine, of provider: Provider, in payout: PendingPayout, for payment: PaymentID?,
        _ change: inout Change
    ) throws -> SettlementRecord? {
        let id: SettlementLineID = ids.make()
        let inserted = try change.execute(
            """
            INSERT INTO settlement_line (id, organisation, provider, reference, kind, payment_reference, payment,
                payout, currency, gross, fee, told_fee_vat)
            VALUES (\(id.value), \(change.cause.organisation), \(provider.rawValue), \(line.reference),
                \(line.kind.rawValue), \(line.paymentReference), \(payment), \(payout.id), \(line.gross.currency.code),
                \(line.gross.minorUnits), \(line.fee.minorUnits), \(line.feeVAT?.minorUnits))
            ON CONFLICT ON CONSTRAINT settlement_line_once DO NOTHING
            """)
        return inserted == 1 ? SettlementRecord(id: id, line: line, payout: payout.id, paidOn: payout.paidOn) : nil
    }

    func find(_ reference: String, of provider: Provider, in change: inout Change) throws -> SettlementRecord? {
        try change.first(
            """
            SELECT \(Self.columns) WHERE settlement_line.organisation = \(change.cause.organisation)
                AND settlement_line.provider = \(provider.rawValue) AND settlement_line.reference = \(reference)
            """, read)
    }

    /// What other payouts brought of a payout that did not arrive.
    func carried(from payout: PendingPayout, in change: inout Change) throws -> [SettlementLine] {
        try change.query(
            """
            SELECT \(Self.columns) WHERE settlement_line.organisation = \(change.cause.organisation)
                AND settlement_line.provider = \(payout.provider.rawValue)
                AND payment_reference = \(payout.reference) AND kind = \(SettlementLine.Kind.carried.rawValue)
                AND payment IS NULL AND gross > 0 AND settlement_line.payout <> \(payout.id)
            ORDER BY settlement_line.reference
            """, read
        ).map(\.line)
    }

    func lines(of payout: PayoutID, _ transaction: inout PostgresTransaction) throws -> [SettlementLine] {
        try transaction.query(
            "SELECT \(Self.columns) WHERE settlement_line.payout = \(payout) ORDER BY settlement_line.reference", read
        ).map(\.line)
    }

    /// Whether a payout has lines that are not among these, or was told to have them and others do.
    func hasOthers(
        than references: [String], in payout: PayoutID, _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        try transaction.one(
            """
            SELECT EXISTS (
                SELECT FROM settlement_line WHERE payout = \(payout) AND reference <> ALL(\(references)::text[])
            ) OR EXISTS (
                SELECT FROM discrepancy
                WHERE payout = \(payout) AND kind = \(DiscrepancyKind.duplicate.rawValue) AND amount IS NOT NULL
                    AND subject <> ALL(\(references)::text[])
            ) AS there
            """
        ) { row in try row("there") }
    }

    /// What the lines of a payout come to; lines of another currency are no part of it.
    func sum(
        of payout: PayoutID, in currency: Currency, _ transaction: inout PostgresTransaction
    ) throws -> Money {
        try transaction.one(
            """
            SELECT coalesce(sum(gross - fee), 0)::bigint AS sum FROM settlement_line
            WHERE payout = \(payout) AND currency = \(currency.code)
            """
        ) { row in try row.money("sum", currency) }
    }

    func lines(of payment: PaymentID, _ transaction: inout PostgresTransaction) throws -> [SettlementRecord] {
        try transaction.query(
            "SELECT \(Self.columns) WHERE payment = \(payment) ORDER BY settlement_line.reference", read)
    }

    /// The lines about a payment, with whether the payouts they are in are at the bank.
    func told(of payment: PaymentID, _ transaction: inout PostgresTransaction) throws -> [PaymentTrail.Told] {
        let arrived: [(payout: PayoutID, isWithoutBankLine: Bool)] = try transaction.query(
            """
            SELECT id, no_line_account IS NOT NULL AS without FROM payout WHERE is_received AND id IN (
                SELECT line.payout FROM settlement_line AS line WHERE line.payment = \(payment))
            """
        ) { row in (payout: try row("id"), isWithoutBankLine: try row("without")) }
        return try lines(of: payment, &transaction).map { record in
            let payout = arrived.first { $0.payout == record.payout }
            return PaymentTrail.Told(
                record.line, hasArrived: payout != nil, isWithoutBankLine: payout?.isWithoutBankLine == true)
        }
    }

    /// Whose payment a line is about, as people know it.
    struct Whose: Sendable {
        let client: ClientID
        let invoiceNumber: String?
    }

    /// Whose payments the lines of a payout are about, by the lines' references.
    func whose(
        _ payout: PayoutID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [String: Whose] {
        let found = try transaction.query(
            """
            SELECT settlement_line.reference, expectation.client, invoice_number.number
            FROM settlement_line JOIN expectation ON expectation.payment = settlement_line.payment
                LEFT JOIN invoice_number ON invoice_number.invoice = expectation.invoice
            WHERE settlement_line.payout = \(payout) AND settlement_line.organisation = \(organisation)
            """
        ) { row in
            (try row("reference") as String, Whose(client: try row("client"), invoiceNumber: try row("number")))
        }
        return Dictionary(found) { first, _ in first }
    }

    /// Gives a payment the lines that named it before it was told of.
    func adopt(by expectation: Expectation, in change: inout Change) throws -> [SettlementRecord] {
        change.executeLater(
            """
            UPDATE settlement_line SET payment = \(expectation.settlement.payment)
            WHERE organisation = \(change.cause.organisation) AND provider = \(expectation.provider.rawValue)
                AND payment_reference IN (\(expectation.providerReference), \("\(expectation.settlement.payment)"))
                AND payment IS NULL
            """)
        return try lines(of: expectation.settlement.payment, &change.transaction)
    }

    /// Ties each refund of a payment to the provider's line that settled it, and what came back to the one that gave it
    /// back: of those of one amount the first to the first, so that the answer does not depend on what came first.
    func tieRefunds(of payment: PaymentID, in change: inout Change) {
        tie("settlement_line", by: "completed_on", "-gross", of: payment, in: &change)
        tie("returned_line", by: "returned_on", "gross", of: payment, in: &change)
    }

    /// Ties what has such a day to lines of such an amount.
    private func tie(
        _ column: SQL, by day: SQL, _ amount: SQL, of payment: PaymentID, in change: inout Change
    ) {
        change.executeLater(
            """
            UPDATE counted_refund SET \(column) = tied.line
            FROM (
                SELECT refund, line.id AS line
                FROM (
                    SELECT refund, amount, row_number() OVER (PARTITION BY amount ORDER BY \(day), refund) AS place
                    FROM counted_refund WHERE payment = \(payment) AND \(day) IS NOT NULL) AS told
                LEFT JOIN (\(Self.placed(.refund, of: payment, amount))) AS line USING (amount, place)) AS tied
            WHERE tied.refund = counted_refund.refund AND organisation = \(change.cause.organisation)
                AND \(column) IS DISTINCT FROM tied.line
            """)
    }

    /// The lines of a kind about a payment, with their places among those of one amount; only amounts, signed as told,
    /// that are above nothing.
    static func placed(_ kind: SettlementLine.Kind, of payment: PaymentID, _ amount: SQL) -> SQL {
        """
        SELECT settlement_line.id, \(amount) AS amount,
            row_number() OVER (PARTITION BY gross ORDER BY paid_on, settlement_line.reference COLLATE "C") AS place
        FROM settlement_line JOIN payout ON payout.id = settlement_line.payout
            JOIN expectation ON expectation.payment = settlement_line.payment
                AND expectation.currency = settlement_line.currency
        WHERE settlement_line.payment = \(payment) AND kind = \(kind.rawValue) AND \(amount) > 0
        """
    }

    /// Notes how much of what was booked of a line is VAT, of its fee or of what it keeps more than was told, and what
    /// the clinic owes for that itself; `again` of what may have been noted otherwise before.
    func note(feeVAT: Money, owed: Money, of line: SettlementLineID, again: Bool = false, in change: inout Change) {
        guard again || !feeVAT.isZero || !owed.isZero else { return }
        change.executeLater(
            """
            UPDATE settlement_line
            SET fee_vat = \(feeVAT.minorUnits), fee_owed = \(owed.minorUnits)
            WHERE id = \(line.value) AND organisation = \(change.cause.organisation)
            """)
    }

    private static let columns: SQL =
        """
        settlement_line.id, kind, settlement_line.reference, payment_reference, settlement_line.currency, gross, fee,
            told_fee_vat, payout.id AS payout_id, payout.reference AS payout_reference, paid_on
        FROM settlement_line JOIN payout ON payout.id = settlement_line.payout
        """

    private func read(_ row: Row) throws -> SettlementRecord {
        let currency = try row.currency()
        let vat: Int64? = try row("told_fee_vat")
        let line = SettlementLine(
            kind: try row.word("kind"), reference: try row("reference"), paymentReference: try row("payment_reference"),
            payoutReference: try row("payout_reference"), gross: try row.money("gross", currency),
            fee: try row.money("fee", currency), feeVAT: vat.map { Money($0, currency) })
        return SettlementRecord(
            id: SettlementLineID(try row("id") as UInt128), line: line, payout: try row("payout_id"),
            paidOn: try row("paid_on"))
    }
}

/// A line of a settlement report; its id never leaves the service.
struct SettlementLineID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}
