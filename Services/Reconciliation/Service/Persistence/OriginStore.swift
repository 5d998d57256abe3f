import EventContract
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Where the money of an invoice comes from: its quote, the quote's deposits, and how its payment was tried.
struct OriginStore {
    func keep(_ quote: QuoteIssuedV1, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO quote (id, organisation, number, issued_on, currency, total)
            VALUES (\(quote.quoteID), \(change.cause.organisation), \(quote.number), \(quote.issuedOn),
                \(quote.total.currency.code), \(quote.total.minorUnits))
            ON CONFLICT (id) DO NOTHING
            """)
    }

    func keep(_ deposit: DepositRequestedV1, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO deposit (invoice, organisation, quote, currency, amount, due_on)
            VALUES (\(deposit.invoiceID), \(change.cause.organisation), \(deposit.quoteID),
                \(deposit.amount.currency.code), \(deposit.amount.minorUnits), \(deposit.dueOn))
            ON CONFLICT (invoice) DO NOTHING
            """)
    }

    func origin(
        of invoice: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> InvoiceOriginAnswer {
        let asked: (quote: QuoteID, isDeposit: Bool)? = try transaction.first(
            """
            SELECT quote, true AS is_deposit FROM deposit
            WHERE invoice = \(invoice) AND organisation = \(organisation)
            UNION ALL
            SELECT quote, false FROM invoice_number
            WHERE invoice = \(invoice) AND organisation = \(organisation) AND quote IS NOT NULL
            ORDER BY is_deposit DESC LIMIT 1
            """
        ) { row in (try row("quote"), try row("is_deposit")) }
        return InvoiceOriginAnswer(
            quote: try asked.map { try quote($0.quote, of: organisation, &transaction) },
            isDeposit: asked?.isDeposit ?? false, attempts: try attempts(for: invoice, of: organisation, &transaction))
    }

    /// Its own event may come later than that of its invoice.
    private func quote(
        _ id: QuoteID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> InvoiceOriginAnswer.Quote {
        let deposits = try deposits(of: id, organisation, &transaction)
        let told: InvoiceOriginAnswer.Quote? = try transaction.first(
            """
            SELECT number, issued_on, currency, total FROM quote
            WHERE id = \(id) AND organisation = \(organisation)
            """
        ) { row in
            InvoiceOriginAnswer.Quote(
                id: id, number: try row("number"), issuedOn: try row("issued_on"),
                total: try row.money("total", try row.currency()), deposits: deposits)
        }
        return told ?? InvoiceOriginAnswer.Quote(id: id, number: nil, issuedOn: nil, total: nil, deposits: deposits)
    }

    private func deposits(
        of quote: QuoteID, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceOriginAnswer.Deposit] {
        try transaction.query(
            """
            SELECT deposit.invoice, number, deposit.currency, amount, due_on
            FROM deposit LEFT JOIN invoice_number ON invoice_number.invoice = deposit.invoice
                AND invoice_number.organisation = deposit.organisation
            WHERE deposit.quote = \(quote) AND deposit.organisation = \(organisation)
            ORDER BY due_on, deposit.invoice
            """
        ) { row in
            InvoiceOriginAnswer.Deposit(
                invoiceID: try row("invoice"), invoiceNumber: try row("number"),
                amount: try row.money("amount", try row.currency()), dueOn: try row("due_on"))
        }
    }

    private func attempts(
        for invoice: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceOriginAnswer.Attempt] {
        try transaction.query(
            """
            SELECT payment, provider, plan, currency, amount, outcome, decided_on FROM sale
            WHERE invoice = \(invoice) AND organisation = \(organisation) ORDER BY payment
            """
        ) { row in
            InvoiceOriginAnswer.Attempt(
                paymentID: try row("payment"), provider: try row.word("provider"), plan: try row("plan"),
                amount: try row.money("amount", try row.currency()), outcome: try row("outcome"),
                decidedOn: try row("decided_on"))
        }
    }

    /// What was counted, with what a till took or the online payment that brought it.
    static let receipts: SQL =
        """
        vat_receipt AS receipt
            LEFT JOIN till_movement AS till ON till.organisation = receipt.organisation
                AND till.payment = receipt.payment AND act = 'taken'
            LEFT JOIN online_receipt AS online ON online.organisation = receipt.organisation
                AND online.payment_on_account = receipt.payment
        """

    /// What was counted for an invoice, by whatever means it came, less what was taken back; what came online names its
    /// payment, which is explained apart.
    func received(
        for invoice: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceTrailAnswer.Receipt] {
        try transaction.query(
            """
            SELECT receipt.payment, online.payment AS online, receipt.currency, receipt.amount, receipt_number, method,
                CASE WHEN is_first THEN coalesce(till.day, received_on) ELSE received_on END AS day
            FROM \(Self.receipts)
            WHERE receipt.invoice = \(invoice) AND receipt.organisation = \(organisation)
            ORDER BY day, receipt.id
            """
        ) { row in
            InvoiceTrailAnswer.Receipt(
                paymentOnAccountID: try row("payment"), paymentID: try row("online"), day: try row("day"),
                amount: try row.money("amount", try row.currency()), receiptNumber: try row("receipt_number"),
                method: try row("method"))
        }
    }
}
