import PostgresClient
import ServiceRuntime

/// What must always hold of money and of the documents it is owed for, each with what finds its breaches (INV-9).
///
/// Amounts of debts and payments are kept beside the rows they are the sums of; nothing is corrected by them.
enum MoneyInvariants {
    static let all = [
        debtsArePaid, debtsAreCredited, debtsAreWrittenOff, debtsBearNoMore, paymentsAreTheirParts, creditIsPutAway,
        allocationsFit, acceptedIsBooked, documentsAreTheirRates, ratesBearNoMore, quotesAreBilled, numbersHaveNoGap,
        mergedOwnNothing,
    ]

    private static let debtsArePaid = Invariant(
        "a debt is paid by what was counted for it",
        breaches: """
            SELECT organisation, name || ' has ' || paid || ' paid, counted are ' || coalesce(amount, 0) AS breach
            FROM (\(debts)) AS debt LEFT JOIN (
                SELECT coalesce(invoice, receivable) AS id, sum(amount) AS amount FROM allocation GROUP BY 1
            ) AS counted USING (id)
            WHERE paid <> coalesce(amount, 0)
            """)

    private static let debtsAreCredited = Invariant(
        "a debt is credited by its credit notes, or by the refunds of it",
        breaches: """
            SELECT organisation, name || ' has ' || credited || ' credited, told are ' || coalesce(amount, 0) AS breach
            FROM (\(debts)) AS debt LEFT JOIN (
                SELECT invoice AS id, sum(total) AS amount FROM credit_note GROUP BY invoice
                UNION ALL SELECT receivable, sum(amount) FROM receivable_credit GROUP BY receivable
            ) AS told USING (id)
            WHERE credited <> coalesce(amount, 0)
            """)

    private static let debtsAreWrittenOff = Invariant(
        "a debt is written off by settlements that stand",
        breaches: """
            SELECT debt.organisation,
                name || ' has ' || written_off || ' written off, settled are ' || coalesce(amount, 0) AS breach
            FROM (\(debts)) AS debt LEFT JOIN (
                SELECT coalesce(invoice, receivable) AS id, sum(amount) AS amount
                FROM settlement_part JOIN settlement ON settlement.id = settlement_part.settlement
                WHERE undone_on IS NULL GROUP BY 1
            ) AS settled USING (id)
            WHERE written_off <> coalesce(amount, 0)
            """)

    private static let debtsBearNoMore = Invariant(
        "no debt is paid, credited and written off beyond itself, and none that is not issued is at all",
        breaches: """
            SELECT organisation, name || ' of ' || total || ' has ' || paid || ' paid, ' || credited || ' credited and '
                || written_off || ' written off' AS breach
            FROM (\(debts)) AS debt
            WHERE paid + credited + written_off > CASE WHEN owed THEN total ELSE 0 END
                OR least(paid, credited, written_off) < 0
            """)

    private static let paymentsAreTheirParts = Invariant(
        "a payment is what was counted, left, given back, taken back and put away of it",
        breaches: """
            SELECT payment.organisation, 'payment ' || coalesce(receipt_number, payment.id::text) || ' of ' || amount
                || ' has ' || allocated || ' counted (' || coalesce(counted, 0) || '), ' || unallocated || ' left, '
                || refunded || ' given back (' || coalesce(returned, 0) || '), ' || payment.charged_back
                || ' charged back (' || coalesce(disputed, 0) || '), ' || reversed || ' reversed, ' || archived
                || ' put away' AS breach
            FROM payment_on_account AS payment
                LEFT JOIN (SELECT payment_on_account AS id, sum(amount) AS counted FROM allocation GROUP BY 1)
                    AS allocations ON allocations.id = payment.id
                LEFT JOIN (SELECT payment_on_account AS id, sum(amount) AS returned FROM refund
                    WHERE returned_on IS NULL GROUP BY 1) AS refunds ON refunds.id = payment.id
                LEFT JOIN (SELECT payment AS online, sum(charged_back) AS disputed FROM dispute GROUP BY 1)
                    AS disputes ON disputes.online = payment.payment
            WHERE amount <> allocated + unallocated + refunded + payment.charged_back + reversed + archived
                OR allocated <> coalesce(counted, 0) OR refunded <> coalesce(returned, 0)
                OR payment.charged_back <> coalesce(disputed, 0)
            """)

    private static let creditIsPutAway = Invariant(
        "credit is put away by its history",
        breaches: """
            SELECT payment.organisation, 'payment ' || coalesce(receipt_number, payment.id::text) || ' has ' || archived
                || ' put away, noted are ' || coalesce(noted, 0) AS breach
            FROM payment_on_account AS payment LEFT JOIN (
                SELECT payment_on_account AS id, sum(amount) AS noted FROM credit_archive
                WHERE restored_on IS NULL GROUP BY 1
            ) AS history ON history.id = payment.id
            WHERE archived <> coalesce(noted, 0)
            """)

    private static let allocationsFit = Invariant(
        "what is counted is of one client, one currency and one organisation, and no more than the payment or the debt",
        breaches: """
            SELECT allocation.organisation, name || ' has ' || allocation.amount || ' of payment '
                || coalesce(receipt_number, payment.id::text) AS breach
            FROM allocation JOIN payment_on_account AS payment ON payment.id = allocation.payment_on_account
                JOIN (\(debts)) AS debt ON debt.id = coalesce(allocation.invoice, allocation.receivable)
            WHERE allocation.amount > 0 AND (payment.client, payment.currency, payment.organisation)
                    IS DISTINCT FROM (debt.client, debt.currency, debt.organisation)
                OR allocation.amount > least(payment.amount, debt.total)
            """)

    private static let acceptedIsBooked = Invariant(
        "an online payment that was accepted is booked with its amount, and one that waits is not",
        breaches: """
            SELECT waiting.organisation, 'online payment ' || waiting.payment || ' of ' || waiting.amount
                || CASE WHEN accepted_by IS NULL THEN ' waits and is booked' ELSE ' is not booked so' END AS breach
            FROM waiting_payment AS waiting
                LEFT JOIN payment_on_account AS booked ON booked.payment = waiting.payment
            WHERE CASE WHEN accepted_by IS NULL THEN booked.id IS NOT NULL
                ELSE (booked.amount, booked.currency) IS DISTINCT FROM (waiting.amount, waiting.currency) END
            """)

    private static let documentsAreTheirRates = Invariant(
        "a document is the sum of what it bills or credits at each rate",
        breaches: """
            SELECT organisation, name || ' is of ' || total || ', its rates are ' || coalesce(amount, 0) AS breach
            FROM (
                SELECT id, organisation, 'invoice ' || coalesce(number, id::text) AS name, total FROM invoice
                UNION ALL SELECT id, organisation, 'credit note ' || number, total FROM credit_note
                UNION ALL SELECT id, organisation, 'quote ' || number, total FROM quote
            ) AS document LEFT JOIN (
                SELECT invoice AS id, sum(base + vat) AS amount FROM invoice_vat GROUP BY invoice
                UNION ALL SELECT credit_note, sum(base + vat) FROM credit_note_vat GROUP BY credit_note
                UNION ALL SELECT quote, sum(base + vat) FROM quote_vat GROUP BY quote
            ) AS rates USING (id)
            WHERE total <> coalesce(amount, 0)
            """)

    private static let ratesBearNoMore = Invariant(
        "no more of a rate is credited than was billed, nor asked for by deposits than was quoted",
        breaches: """
            SELECT taken.organisation, name || ' take ' || taken.base || ' and ' || taken.vat || ' of VAT at ' || rate
                || ' basis points, of ' || coalesce(given.base, 0) || ' and ' || coalesce(given.vat, 0) AS breach
            FROM (
                SELECT organisation, id, name, rate, sum(base) AS base, sum(vat) AS vat FROM (
                    SELECT billed.organisation, billed.id, 'credit notes of invoice ' || number AS name, rate, base, vat
                    FROM invoice AS billed JOIN (\(credits)) AS part ON part.invoice = billed.id
                    UNION ALL
                    SELECT quote.organisation, quote.id, 'deposits of quote ' || quote.number, rate, base, vat
                    FROM quote JOIN invoice AS asked ON asked.quote = quote.id AND asked.deposit JOIN (
                        SELECT invoice, vat_basis_points AS rate, base, vat FROM invoice_vat
                        UNION ALL SELECT invoice, rate, -base, -vat FROM (\(credits)) AS credited
                    ) AS part ON part.invoice = asked.id
                ) AS part GROUP BY organisation, id, name, rate
            ) AS taken LEFT JOIN (
                SELECT invoice AS id, vat_basis_points AS rate, base, vat FROM invoice_vat
                UNION ALL SELECT quote, vat_basis_points, base, vat FROM quote_vat
            ) AS given USING (id, rate)
            WHERE taken.base > coalesce(given.base, 0) OR taken.vat > coalesce(given.vat, 0)
            """)

    private static let quotesAreBilled = Invariant(
        "a quote is what its invoice bills and what that takes off for each deposit",
        breaches: """
            SELECT quote.organisation, 'quote ' || quote.number || ' of ' || quote.total || ' is billed by '
                || invoice.total || ' and ' || coalesce(amount, 0) || ' of deposits' AS breach
            FROM quote JOIN invoice ON invoice.id = quote.invoice LEFT JOIN (
                SELECT invoice, sum(base + vat) AS amount FROM invoice_deduction GROUP BY invoice
            ) AS deducted ON deducted.invoice = invoice.id
            WHERE quote.total <> invoice.total + coalesce(amount, 0)
            UNION ALL
            SELECT asked.organisation, 'quote ' || quote.number || ' is billed without its deposit ' || asked.number
            FROM invoice AS asked JOIN quote ON quote.id = asked.quote
            WHERE asked.deposit AND asked.number IS NOT NULL AND quote.invoice IS NOT NULL
                AND asked.credited < asked.total AND NOT EXISTS (
                    SELECT FROM invoice_deduction
                    WHERE invoice_deduction.invoice = quote.invoice AND invoice_deduction.deposit = asked.id)
            """)

    private static let numbersHaveNoGap = Invariant(
        "a series gave as many numbers as it has documents",
        breaches: """
            SELECT organisation, kind || '-' || coalesce(code, clinic::text) || '-' || year || ' gave '
                || coalesce(last, 0) || ' numbers and has ' || coalesce(documents, 0) || ' documents' AS breach
            FROM (
                SELECT organisation, clinic, kind, year, sum(last) AS last, sum(documents) AS documents FROM (
                    SELECT organisation, clinic, kind, year, last, 0 AS documents FROM document_series
                    UNION ALL SELECT organisation, clinic, kind, extract(year FROM day)::int, 0, count(*) FROM (
                        SELECT organisation, clinic, 'F' AS kind, issued_on AS day FROM invoice WHERE number IS NOT NULL
                        UNION ALL SELECT credit_note.organisation, invoice.clinic, 'A', credit_note.issued_on
                        FROM credit_note JOIN invoice ON invoice.id = credit_note.invoice
                        UNION ALL SELECT organisation, clinic, 'R', received_on FROM payment_on_account
                        WHERE receipt_number IS NOT NULL
                        UNION ALL SELECT organisation, clinic, 'D', issued_on FROM quote
                    ) AS document GROUP BY 1, 2, 3, 4
                ) AS told GROUP BY 1, 2, 3, 4
            ) AS series LEFT JOIN (SELECT id AS clinic, code FROM clinic) AS named USING (clinic)
            WHERE last <> documents
            """)

    private static let mergedOwnNothing = Invariant(
        "a client that became another one owes and owns nothing",
        breaches: """
            SELECT client.organisation, 'client ' || client.id || ' still has ' || thing AS breach
            FROM client JOIN (
                SELECT client AS owner, 'invoice ' || coalesce(number, id::text) AS thing FROM invoice
                UNION ALL SELECT client, 'receivable ' || id FROM receivable
                UNION ALL SELECT client, 'payment ' || id FROM payment_on_account
                UNION ALL SELECT client, 'online payment ' || payment FROM waiting_payment
            ) AS owned ON owned.owner = client.id
            WHERE merged_into IS NOT NULL
            """)

    /// What each credit note takes off its invoice, rate by rate.
    private static let credits: SQL = """
        SELECT invoice, vat_basis_points AS rate, base, vat
        FROM credit_note_vat JOIN credit_note ON credit_note.id = credit_note_vat.credit_note
        """

    /// Invoices and what is owed without one, named as people know them.
    private static let debts: SQL = """
        SELECT id, organisation, client, currency, 'invoice ' || coalesce(number, id::text) AS name, total, paid,
            credited, written_off, number IS NOT NULL AS owed
        FROM invoice
        UNION ALL
        SELECT id, organisation, client, currency, 'receivable ' || id, amount, paid, credited, written_off, true
        FROM receivable
        """
}
