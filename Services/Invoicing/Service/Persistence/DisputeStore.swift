import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A payment that its client, or the client's bank, disputes at the provider; the API shows it so.
struct DisputeRecord: Codable, Sendable {
    enum Outcome: String, Codable, Sendable, CaseIterable { case lost, won }

    let paymentID: PaymentID
    /// The provider's name for it.
    let reference: String
    let invoiceID: InvoiceID?
    let amount: Money
    let reason: String
    let openedOn: LocalDate
    /// Until when the clinic may answer at the provider.
    let respondBy: Instant?
    var outcome: Outcome?
    var closedOn: LocalDate?
    /// What the provider took back.
    var chargedBack: Money?
    /// What it took beyond what was still held of the payment.
    var excess: Money?
}

/// Disputes of online payments, and how they ended.
struct DisputeStore {
    private static let columns: SQL = """
        payment, reference, invoice, currency, amount, reason, opened_on, respond_by, outcome, closed_on, charged_back,
        excess
        """

    /// Once for each dispute; one whose end was told first gets its beginning.
    func open(_ dispute: DisputeRecord, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO dispute (payment, reference, organisation, invoice, currency, amount, reason, opened_on,
                respond_by)
            VALUES (\(dispute.paymentID), \(dispute.reference), \(change.cause.organisation), \(dispute.invoiceID),
                \(dispute.amount.currency.code), \(dispute.amount.minorUnits), \(dispute.reason), \(dispute.openedOn),
                \(dispute.respondBy))
            ON CONFLICT (payment, reference) DO UPDATE
                SET reason = EXCLUDED.reason, opened_on = EXCLUDED.opened_on, respond_by = EXCLUDED.respond_by,
                    invoice = coalesce(dispute.invoice, EXCLUDED.invoice)
                WHERE dispute.reason = '' AND EXCLUDED.reason <> ''
            """)
    }

    func lock(_ payment: PaymentID, _ reference: String, in change: inout Change) throws -> DisputeRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM dispute WHERE payment = \(payment) AND reference = \(reference) FOR UPDATE
            """, read)
    }

    func close(_ dispute: DisputeRecord, in change: inout Change) {
        change.executeLater(
            """
            UPDATE dispute SET outcome = \(dispute.outcome?.rawValue), closed_on = \(dispute.closedOn),
                charged_back = \(dispute.chargedBack?.minorUnits ?? 0), excess = \(dispute.excess?.minorUnits ?? 0)
            WHERE payment = \(dispute.paymentID) AND reference = \(dispute.reference)
            """)
    }

    /// Those of payments that were asked for an invoice or are counted for it, oldest first.
    func list(of invoice: InvoiceID, in transaction: inout PostgresTransaction) throws -> [DisputeRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM dispute WHERE invoice = \(invoice)
            UNION
            SELECT \(Self.columns) FROM dispute WHERE payment IN (
                SELECT payment_on_account.payment
                FROM allocation JOIN payment_on_account ON payment_on_account.id = allocation.payment_on_account
                WHERE allocation.invoice = \(invoice) AND payment_on_account.payment IS NOT NULL)
            ORDER BY opened_on, reference
            """, read)
    }

    private func read(_ row: Row) throws -> DisputeRecord {
        let currency = try row.currency()
        let outcome: String? = try row("outcome")
        let (back, excess) = (try row.money("charged_back", currency), try row.money("excess", currency))
        return DisputeRecord(
            paymentID: try row("payment"), reference: try row("reference"), invoiceID: try row("invoice"),
            amount: try row.money("amount", currency), reason: try row("reason"), openedOn: try row("opened_on"),
            respondBy: try row("respond_by"), outcome: outcome.flatMap(DisputeRecord.Outcome.init),
            closedOn: try row("closed_on"), chargedBack: back.isZero ? nil : back,
            excess: excess.isZero ? nil : excess)
    }
}
