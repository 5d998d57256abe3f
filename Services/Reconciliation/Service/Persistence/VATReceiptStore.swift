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
    /// A credit note, a refund or a lost dispute took it off what it was counted for, if that is an invoice, at its
    /// rates.
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

    /// The parts of one receipt are rounded so that they sum to it.
    ///
    /// A till knows the day of its money.
    private func selection(_ organisation: OrganisationID, _ period: GridStore.Period) -> SQL {
        """
        WITH received AS (
            SELECT * FROM (
                SELECT vat_receipt.id, invoice, vat_receipt.currency, vat_receipt.amount,
                    CASE WHEN is_first THEN coalesce(till_movement.day, received_on) ELSE received_on END AS day
                FROM vat_receipt
                    LEFT JOIN till_movement ON till_movement.organisation = vat_receipt.organisation
                        AND till_movement.payment = vat_receipt.payment AND act = 'taken'
                WHERE vat_receipt.organisation = \(organisation)
                UNION ALL
                SELECT id, invoice, currency, -amount, taken_on FROM receipt_taken_off
                WHERE organisation = \(organisation)) AS dated
            WHERE day BETWEEN \(period.from) AND \(period.to)
        ), parted AS (
            SELECT day, received.currency, rate, amount::numeric AS amount, part,
                sum(part) OVER (PARTITION BY received.id ORDER BY rate) AS upto,
                sum(part) OVER (PARTITION BY received.id) AS total
            FROM received JOIN invoice_vat USING (invoice)
        ), shared AS (
            SELECT day, currency, rate,
                round(amount * upto / total) - round(amount * (upto - part) / total) AS amount
            FROM parted WHERE total <> 0
            UNION ALL
            SELECT day, currency, NULL, amount FROM received
            WHERE NOT EXISTS (SELECT FROM invoice_vat WHERE invoice_vat.invoice = received.invoice)
        )
        SELECT day, rate, currency, sum(amount)::bigint AS amount,
            coalesce(sum(round(amount * rate / (10000 + rate))), 0)::bigint AS vat
        FROM shared GROUP BY day, rate, currency ORDER BY day, rate NULLS LAST, currency
        """
    }

    @Sendable private func read(_ row: Row) throws -> VATReceipt {
        let currency = try row.currency()
        let (amount, vat) = (try row.money("amount", currency), try row.money("vat", currency))
        let rate: Int32? = try row("rate")
        return VATReceipt(
            day: try row("day"), rate: rate.map { Int($0) }, amount: amount, base: try amount.subtracting(vat), vat: vat
        )
    }
}
