import EventContract
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What was received on a day at one rate of VAT, as it is reported of payments (REC-8).
struct VATReceipt: Codable, Sendable {
    let day: LocalDate
    /// In basis points; nil where the money is for no invoice, or for one whose rates were not told.
    let rate: Int?
    /// VAT included; below nothing where more was taken back.
    let amount: Money
    let base: Money
    let vat: Money
}

/// What was received for invoices, by the rates of the invoices.
struct VATReceiptStore {
    let ids: IdentifierSource

    /// Money that is counted for something on a day.
    struct Received: Sendable {
        let payment: PaymentOnAccountID
        let day: LocalDate
        /// False when it is counted later than it was received, or taken back.
        let isFirst: Bool
    }

    func keep(_ lines: [InvoiceIssuedV1.VATLine], of invoice: InvoiceID, in change: inout Change) throws {
        for line in lines {
            let part = try line.base.adding(line.vat)
            change.executeLater(
                """
                INSERT INTO invoice_vat (organisation, invoice, rate, currency, part)
                VALUES (\(change.cause.organisation), \(invoice), \(Int32(line.rate.value)), \(part.currency.code),
                    \(part.minorUnits))
                ON CONFLICT ON CONSTRAINT invoice_vat_once DO NOTHING
                """)
        }
    }

    /// A credit note took these parts off an invoice on a day; what is received of it is at the rates of the rest.
    func keep(
        _ credited: [InvoiceIssuedV1.VATLine], of note: CreditNoteID, on invoice: InvoiceID, _ day: LocalDate,
        in change: inout Change
    ) throws {
        for line in credited {
            let part = try line.base.adding(line.vat)
            guard !part.isZero else { continue }
            change.executeLater(
                """
                INSERT INTO credited_vat (organisation, credit_note, invoice, rate, credited_on, currency, part)
                VALUES (\(change.cause.organisation), \(note), \(invoice), \(Int32(line.rate.value)), \(day),
                    \(part.currency.code), \(part.minorUnits))
                ON CONFLICT ON CONSTRAINT credited_vat_once DO NOTHING
                """)
        }
    }

    /// What comes of some money is told by its own name alone; this is the online payment that brought it.
    func keep(_ payment: PaymentID, as money: PaymentOnAccountID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO online_receipt (payment_on_account, organisation, payment)
            VALUES (\(money), \(change.cause.organisation), \(payment))
            ON CONFLICT (payment_on_account) DO NOTHING
            """)
    }

    func add(_ amount: Money, for invoice: InvoiceID?, _ received: Received, in change: inout Change) throws {
        guard !amount.isZero else { return }
        change.executeLater(
            """
            INSERT INTO vat_receipt (id, organisation, payment, invoice, received_on, is_first, currency, amount)
            VALUES (\(ids.next()), \(change.cause.organisation), \(received.payment), \(invoice), \(received.day),
                \(received.isFirst), \(amount.currency.code), \(amount.minorUnits))
            """)
    }
}

extension VATReceiptStore {
    /// A credit note, a refund or a lost dispute took it off what it was counted for, if that is an invoice.
    func take(
        _ amount: Money, of payment: PaymentOnAccountID, from invoice: InvoiceID?, on day: LocalDate,
        in change: inout Change
    ) {
        change.executeLater(
            """
            INSERT INTO receipt_taken_off (id, organisation, payment, invoice, taken_on, currency, amount)
            VALUES (\(ids.next()), \(change.cause.organisation), \(payment), \(invoice), \(day),
                \(amount.currency.code), \(amount.minorUnits))
            """)
    }
}

/// What is reported of payments; nothing is written through it.
struct VATReceiptList {
    func rows(
        of organisation: OrganisationID, _ period: GridStore.Period, _ transaction: inout PostgresTransaction
    ) throws -> [VATReceipt] {
        try transaction.query(selection(organisation, period), read)
    }

    func cursor(
        of organisation: OrganisationID, _ period: GridStore.Period, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(organisation: organisation, selection(organisation, period)) { row in
            let receipt = try read(row)
            return [
                .day(receipt.day), receipt.rate.map { Cell.number(Int64($0)) } ?? .empty,
                .text(receipt.amount.currency.code), .amount(receipt.amount), .amount(receipt.base),
                .amount(receipt.vat),
            ]
        }
    }

    /// What was received of an invoice by the end of a day is at the rates of what stands of it by then, and what a day
    /// has is the difference it made: so it is the same in any order in which it was told, and sums to the cent.
    ///
    /// A credit note of single rates thus takes its own rates off what was paid, and what is paid later is at the
    /// others. Where nothing stands any more, it is at the rates that were billed.
    private func selection(_ organisation: OrganisationID, _ period: GridStore.Period) -> SQL {
        """
        WITH received AS (
            \(money(of: organisation, in: period))
        ), asked AS (
            SELECT invoice FROM received WHERE invoice IS NOT NULL
            UNION
            SELECT invoice FROM credited_vat
            WHERE organisation = \(organisation) AND credited_on BETWEEN \(period.from) AND \(period.to)
        ), moved AS (
            \(moved(of: organisation))
        ), dated AS (
            SELECT invoice, currency, day, bool_or(is_money) AS is_money,
                sum(sum(amount)) OVER (PARTITION BY invoice, currency ORDER BY day) AS received
            FROM moved WHERE day <= \(period.to) GROUP BY invoice, currency, day
        ), standing AS (
            SELECT dated.*, rate, part, part - coalesce((
                    SELECT sum(credited_vat.part) FROM credited_vat
                    WHERE credited_vat.invoice = dated.invoice AND credited_vat.rate = invoice_vat.rate
                        AND credited_on <= day), 0) AS stands
            FROM dated JOIN invoice_vat USING (invoice)
        ), weighed AS (
            SELECT *, CASE WHEN sum(stands) OVER (PARTITION BY invoice, currency, day) <> 0 THEN stands ELSE part END
                AS weight
            FROM standing
        ), parted AS (
            SELECT *, sum(weight) OVER (PARTITION BY invoice, currency, day ORDER BY rate) AS upto,
                sum(weight) OVER (PARTITION BY invoice, currency, day) AS total
            FROM weighed
        ), shared AS (
            SELECT *, round(received * upto / total) - round(received * (upto - weight) / total) AS amount
            FROM parted WHERE total <> 0
        ), taxed AS (
            SELECT *, round(amount * rate / (10000 + rate)) AS vat FROM shared
        ), reported AS (
            SELECT day, currency, rate, is_money AND weight <> 0 AS is_money,
                amount - lag(amount, 1, 0::numeric) OVER earlier AS amount,
                vat - lag(vat, 1, 0::numeric) OVER earlier AS vat
            FROM taxed WINDOW earlier AS (PARTITION BY invoice, currency, rate ORDER BY day)
        ), counted AS (
            SELECT day, currency, rate, amount, vat FROM reported
            WHERE day >= \(period.from) AND (is_money OR amount <> 0)
            UNION ALL
            SELECT day, currency, NULL, amount, 0 FROM received
            WHERE NOT EXISTS (SELECT FROM invoice_vat WHERE invoice_vat.invoice = received.invoice)
        )
        SELECT day, rate, currency, sum(amount)::bigint AS amount, sum(vat)::bigint AS vat
        FROM counted GROUP BY day, rate, currency ORDER BY day, rate NULLS LAST, currency
        """
    }

    /// What was received and what was taken back in a period: by the day it was told with, and by that of its till.
    ///
    /// Each is found by an index, so that one day costs what a day has and not what years have.
    private func money(of organisation: OrganisationID, in period: GridStore.Period) -> SQL {
        """
        SELECT invoice, vat_receipt.currency, vat_receipt.amount, \(Self.day) AS day
        FROM vat_receipt LEFT JOIN till_movement ON \(Self.isOfTill)
        WHERE vat_receipt.organisation = \(organisation) AND received_on BETWEEN \(period.from) AND \(period.to)
            AND \(Self.day) BETWEEN \(period.from) AND \(period.to)
        UNION ALL
        SELECT invoice, vat_receipt.currency, vat_receipt.amount, day
        FROM till_movement JOIN vat_receipt ON \(Self.isOfTill)
        WHERE till_movement.organisation = \(organisation) AND day BETWEEN \(period.from) AND \(period.to)
            AND is_first AND received_on NOT BETWEEN \(period.from) AND \(period.to)
        UNION ALL
        SELECT invoice, currency, -amount, taken_on FROM receipt_taken_off
        WHERE organisation = \(organisation) AND taken_on BETWEEN \(period.from) AND \(period.to)
        """
    }

    /// All that ever moved of the invoices that were `asked`.
    private func moved(of organisation: OrganisationID) -> SQL {
        """
        SELECT invoice, vat_receipt.currency, \(Self.day) AS day, true AS is_money, vat_receipt.amount
        FROM asked JOIN vat_receipt USING (invoice) LEFT JOIN till_movement ON \(Self.isOfTill)
        WHERE vat_receipt.organisation = \(organisation)
        UNION ALL
        SELECT invoice, currency, taken_on, true, -amount FROM asked JOIN receipt_taken_off USING (invoice)
        WHERE organisation = \(organisation)
        UNION ALL
        SELECT invoice, currency, credited_on, false, 0 FROM asked JOIN credited_vat USING (invoice)
        """
    }

    /// A till knows the day of its money.
    private static let day: SQL =
        "CASE WHEN is_first THEN coalesce(till_movement.day, received_on) ELSE received_on END"

    private static let isOfTill: SQL = """
        till_movement.organisation = vat_receipt.organisation AND till_movement.payment = vat_receipt.payment
            AND act = 'taken'
        """

    @Sendable private func read(_ row: Row) throws -> VATReceipt {
        let currency = try row.currency()
        let (amount, vat) = (try row.money("amount", currency), try row.money("vat", currency))
        let rate: Int32? = try row("rate")
        return VATReceipt(
            day: try row("day"), rate: rate.map { Int($0) }, amount: amount, base: try amount.subtracting(vat), vat: vat
        )
    }
}
