import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A payment on account with the version a person may have seen.
struct PaymentRecord: Sendable {
    var payment: PaymentOnAccount
    var version: Int64 = 1
}

/// Payments on account and what they were counted for.
struct PaymentOnAccountStore {
    let series = SeriesStore()

    /// `reference` is that of the practice's own software, `receipt` what chains the next receipt to this one.
    func insert(
        _ payment: PaymentOnAccount, reference: String? = nil, receipt: ReceiptLink? = nil, in change: inout Change
    ) throws {
        try requireBalanced(payment)
        let note = TillColumns(payment.till)
        let closing: SQL = receipt.map { "WITH closed AS (\(series.closing($0.place, with: $0.link))) " } ?? ""
        change.executeLater(
            """
            \(closing)INSERT INTO payment_on_account (id, organisation, clinic, client, method, payment, currency, amount,
                allocated, unallocated, received_on, kind, receipt_number, payer, payer_name, collected_by, tendered,
                cheque_number, cheque_bank, cheque_drawer, notes, reference, sequence, hash, words_digest, words_salt)
            VALUES (\(payment.id), \(change.cause.organisation), \(payment.clinic), \(payment.client),
                \(payment.method), \(payment.payment), \(payment.amount.currency.code), \(payment.amount.minorUnits),
                \(payment.allocated), \(payment.unallocated.minorUnits), \(payment.receivedOn), \(note.kind),
                \(payment.receiptNumber), \(note.payer), \(note.payerName), \(note.collectedBy), \(note.tendered),
                \(note.chequeNumber), \(note.chequeBank), \(note.chequeDrawer), \(note.notes), \(reference),
                \(receipt?.link.sequence), \(receipt?.link.hash), \(receipt?.words?.digest), \(receipt?.words?.salt))
            """)
        try saveAllocations(of: payment, in: &change)
    }

    /// Saves what may change; amount, client and what was noted at the till never do.
    func save(_ payment: PaymentOnAccount, in change: inout Change) throws {
        try requireBalanced(payment)
        change.executeLater(
            """
            UPDATE payment_on_account SET allocated = \(payment.allocated),
                unallocated = \(payment.unallocated.minorUnits), refunded = \(payment.refunded.minorUnits),
                charged_back = \(payment.chargedBack.minorUnits),
                reversed = \(payment.reversal?.amount.minorUnits ?? 0), reversed_on = \(payment.reversal?.on),
                reversal_reason = \(payment.reversal?.reason.rawValue),
                archived = \(payment.archived?.amount.minorUnits ?? 0), archived_on = \(payment.archived?.on),
                archived_reason = \(payment.archived?.reason), freed_on = \(payment.freedOn),
                version = version + 1
            WHERE id = \(payment.id)
            """)
        try saveAllocations(of: payment, in: &change)
    }

    /// Locks the record of an online payment; nil when it was not recorded.
    func lock(_ payment: PaymentID, in change: inout Change) throws -> PaymentOnAccount? {
        let found = try change.first(
            """
            SELECT \(Self.columns) FROM payment_on_account
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
        return try found.map { try withAllocations([$0], in: &change.transaction)[0].payment }
    }

    /// Locks the record of an online payment; whose money it was and how much, nil when it was not recorded.
    func lockingTerms(
        of payment: PaymentID, _ organisation: OrganisationID
    ) -> Query<(client: ClientID, amount: Money)?> {
        .first(
            """
            SELECT client, currency, amount FROM payment_on_account
            WHERE payment = \(payment) AND organisation = \(organisation) FOR UPDATE
            """
        ) { row in (try row("client"), try row.money("amount", try row.currency())) }
    }

    func lock(_ id: PaymentOnAccountID, in change: inout Change) throws -> PaymentRecord? {
        let found = try change.first(
            """
            SELECT \(Self.columns) FROM payment_on_account
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
        return try found.map { try withAllocations([$0], in: &change.transaction)[0] }
    }

    /// Locks the payments that are counted for an invoice, in the order of ids.
    func lockPaying(_ invoice: InvoiceID, in change: inout Change) throws -> [PaymentRecord] {
        let heads = try change.query(
            """
            SELECT \(Self.columns) FROM payment_on_account
            WHERE organisation = \(change.cause.organisation) AND id IN (
                SELECT payment_on_account FROM allocation WHERE invoice = \(invoice) AND amount > 0)
            ORDER BY id FOR UPDATE
            """, read)
        return try withAllocations(heads, in: &change.transaction)
    }

    func find(
        _ id: PaymentOnAccountID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> PaymentRecord? {
        let found = try transaction.first(
            "SELECT \(Self.columns) FROM payment_on_account WHERE id = \(id) AND organisation = \(organisation)", read)
        return try found.map { try withAllocations([$0], in: &transaction)[0] }
    }

    /// The payments before an id, newest first, those of a period by their days; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, _ period: PeriodFilter,
        before id: PaymentOnAccountID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [PaymentRecord] {
        let asked = period.condition(onDay: "received_on")
        let condition: SQL = "organisation = \(organisation)\(asked)"
        let order = period.days.order(by: "received_on", of: period.client)
        let page = ClinicRows.page(
            "payment_on_account", in: order, at: ClinicRows.clinics(clinics, only: period.clinic), before: id,
            where: condition, rows: rows)
        let found = try transaction.query(
            "SELECT \(Self.columns) FROM \(page) AS payment ORDER BY \(order.clause) LIMIT \(Int64(rows))", read)
        return try withAllocations(found, in: &transaction)
    }

    /// How much cash was counted for each sale that some debts are of, which are locked, as are their quotes, so that
    /// nobody adds to it meanwhile; `methods` are those of cash, by which it was taken at the till or came in files.
    func cash(
        by methods: [String], for debts: [Debt], of quotes: [Debt: QuoteID], in currency: Currency,
        _ change: inout Change
    ) throws -> [CashSale: Money] {
        let found = try change.query(
            """
            SELECT invoice.quote, allocation.invoice, allocation.receivable, sum(allocation.amount)::bigint AS amount
            FROM allocation JOIN payment_on_account ON payment_on_account.id = allocation.payment_on_account
                LEFT JOIN invoice ON invoice.id = allocation.invoice
            WHERE payment_on_account.method = ANY(\(methods))
                AND (allocation.invoice = ANY(\(debts.compactMap(\.invoice)))
                    OR allocation.invoice = ANY(ARRAY(
                        SELECT id FROM invoice WHERE quote = ANY(\(Array(Set(quotes.values))))))
                    OR allocation.receivable = ANY(\(debts.compactMap(\.receivable))))
            GROUP BY invoice.quote, allocation.invoice, allocation.receivable
            """
        ) { row in
            let quote: QuoteID? = try row("quote")
            let sale = try quote.map(CashSale.quote) ?? .debt(Debt(row))
            return (sale, try row.money("amount", currency))
        }
        return Dictionary(found) { first, other in Money(first.minorUnits + other.minorUnits, currency) }
    }
}

// MARK: Receipts

/// A receipt with what it was chained by.
struct ChainedReceipt: Sendable {
    let payment: PaymentOnAccount
    /// Whom it was made out to.
    let client: ClientID
    let link: ChainLink?
    let words: SealedWords?
    /// Whether its client, or another one who paid, was forgotten.
    let isForgotten: Bool

    /// Whether the words on it are those whose digest its hash is over.
    var hasItsWords: Bool { SealedWords.holds(words, of: payment.till, forgotten: isForgotten) }
}

extension PaymentOnAccountStore {
    /// The receipts of one series after a place in it, with what they were chained by.
    func chained(
        of clinic: ClinicID, in year: Int, after sequence: Int64, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ChainedReceipt] {
        let found = try transaction.query(
            """
            SELECT \(Self.columns), coalesce(issued_to, client) AS made_out_to, sequence, hash, words_digest, words_salt,
                EXISTS (SELECT FROM client WHERE client.erased_on IS NOT NULL
                    AND client.id IN (payment_on_account.client, payment_on_account.payer)) AS forgotten
            FROM payment_on_account
            WHERE clinic = \(clinic) AND extract(year FROM received_on) = \(Int32(year)) AND sequence > \(sequence)
            ORDER BY sequence LIMIT \(Int64(rows))
            """
        ) { row in
            let client: ClientID = try row("made_out_to")
            let isForgotten: Bool = try row("forgotten")
            return (
                head: try read(row), client: client, link: try ChainLink(row), words: try words(row),
                isForgotten: isForgotten
            )
        }
        let records = try withAllocations(found.map(\.head), in: &transaction)
        return zip(records, found).map { record, row in
            ChainedReceipt(
                payment: record.payment, client: row.client, link: row.link, words: row.words,
                isForgotten: row.isForgotten)
        }
    }

    private func words(_ row: Row) throws -> SealedWords? {
        let salt: String? = try row("words_salt")
        return try (row("words_digest") as String?).map { SealedWords(salt: salt, digest: $0) }
    }
}

// MARK: Refunds

extension PaymentOnAccountStore {
    /// How much a refund of a payment gave back, and when it came back in turn, its row locked; nil when it is not
    /// booked.
    func lock(
        _ refund: RefundID, of payment: PaymentOnAccountID, in change: inout Change
    ) throws -> (amount: Money, returnedOn: LocalDate?)? {
        try change.first(
            """
            SELECT amount, currency, returned_on FROM refund
            WHERE id = \(refund) AND payment_on_account = \(payment) FOR UPDATE
            """
        ) { row in (try row.money("amount", try row.currency()), try row("returned_on")) }
    }

    func markReturned(_ refund: RefundID, on day: LocalDate, in change: inout Change) {
        change.executeLater("UPDATE refund SET returned_on = \(day) WHERE id = \(refund)")
    }

    func knows(_ refund: RefundID, in change: inout Change) throws -> Bool {
        try change.first("SELECT 1 AS one FROM refund WHERE id = \(refund)") { _ in true } ?? false
    }

    func insert(
        refund id: RefundID, of amount: Money, from payment: PaymentOnAccount, on day: LocalDate, _ change: inout Change
    ) throws {
        change.executeLater(
            """
            INSERT INTO refund (id, organisation, payment_on_account, client, currency, amount, refunded_on)
            VALUES (\(id), \(change.cause.organisation), \(payment.id), \(payment.client), \(amount.currency.code),
                \(amount.minorUnits), \(day))
            """)
    }
}

// MARK: Reading and writing rows

extension PaymentOnAccountStore {
    private static let columns: SQL = """
        id, client, clinic, method, payment, currency, amount, unallocated, refunded, charged_back, received_on, kind,
        receipt_number, payer, payer_name, collected_by, tendered, cheque_number, cheque_bank, cheque_drawer, notes, reversed,
        reversed_on, reversal_reason, archived, archived_on, archived_reason, freed_on,
        version
        """

    /// A payment without its allocations, which are read for many at once.
    private struct Head {
        let payment: PaymentOnAccount
        let receiptNumber: String?
        let unallocated: Money
        let left: PaymentOnAccount.Left
        let reversal: PaymentOnAccount.Reversal?
        let archived: PaymentOnAccount.Archived?
        let freedOn: LocalDate?
        let version: Int64
    }

    private struct PartRow {
        let payment: PaymentOnAccountID
        let debt: Debt
        let cents: Int64
        let countedOn: LocalDate?
    }

    private func read(_ row: Row) throws -> Head {
        let currency = try row.currency()
        let reversedOn: LocalDate? = try row("reversed_on")
        let archivedOn: LocalDate? = try row("archived_on")
        let payment = PaymentOnAccount(
            id: try row("id"), client: try row("client"), clinic: try row("clinic"), method: try row("method"),
            payment: try row("payment"), amount: try row.money("amount", currency),
            receivedOn: try row("received_on"), till: try TillColumns(row).note(currency))
        return Head(
            payment: payment, receiptNumber: try row("receipt_number"),
            unallocated: try row.money("unallocated", currency),
            left: PaymentOnAccount.Left(
                refunded: try row.money("refunded", currency), chargedBack: try row.money("charged_back", currency)),
            reversal: try reversedOn.map {
                PaymentOnAccount.Reversal(
                    amount: try row.money("reversed", currency), on: $0, reason: try row.word("reversal_reason"))
            },
            archived: try archivedOn.map {
                PaymentOnAccount.Archived(
                    amount: try row.money("archived", currency), on: $0, reason: try row("archived_reason"))
            }, freedOn: try row("freed_on"), version: try row("version"))
    }

    private func withAllocations(
        _ heads: [Head], in transaction: inout PostgresTransaction
    ) throws -> [PaymentRecord] {
        let parts = try transaction.query(
            """
            SELECT payment_on_account, invoice, receivable, amount, counted_on FROM allocation
            WHERE payment_on_account = ANY(\(heads.map(\.payment.id))) ORDER BY payment_on_account, position
            """
        ) { row in
            PartRow(
                payment: try row("payment_on_account"), debt: try Debt(row), cents: try row("amount"),
                countedOn: try row("counted_on"))
        }
        let known = Dictionary(grouping: parts, by: \.payment)
        return heads.map { head in
            let currency = head.payment.amount.currency
            let saved = PaymentOnAccount.SavedState(
                receiptNumber: head.receiptNumber,
                allocations: (known[head.payment.id] ?? []).map { part in
                    Allocation(part.debt, Money(part.cents, currency), on: part.countedOn)
                },
                unallocated: head.unallocated, left: head.left, reversal: head.reversal,
                archived: head.archived, freedOn: head.freedOn)
            return PaymentRecord(payment: head.payment.with(saved), version: head.version)
        }
    }

    private func saveAllocations(of payment: PaymentOnAccount, in change: inout Change) throws {
        let placed = payment.allocations.enumerated().map { (place: Int32($0), allocation: $1) }
        let invoices = placed.filter { $0.allocation.debt.invoice != nil }
        if !invoices.isEmpty {
            change.executeLater(
                """
                INSERT INTO allocation (payment_on_account, organisation, invoice, position, amount, counted_on)
                SELECT \(payment.id), \(change.cause.organisation), *
                FROM unnest(\(invoices.compactMap(\.allocation.debt.invoice)), \(invoices.map(\.place)),
                    \(invoices.map(\.allocation.amount.minorUnits)), \(invoices.map(\.allocation.countedOn)))
                ON CONFLICT (payment_on_account, invoice)
                DO UPDATE SET amount = EXCLUDED.amount, counted_on = EXCLUDED.counted_on
                """)
        }
        let others = placed.filter { $0.allocation.debt.receivable != nil }
        if !others.isEmpty {
            change.executeLater(
                """
                INSERT INTO allocation (payment_on_account, organisation, receivable, position, amount, counted_on)
                SELECT \(payment.id), \(change.cause.organisation), *
                FROM unnest(\(others.compactMap(\.allocation.debt.receivable)), \(others.map(\.place)),
                    \(others.map(\.allocation.amount.minorUnits)), \(others.map(\.allocation.countedOn)))
                ON CONFLICT (payment_on_account, receivable)
                DO UPDATE SET amount = EXCLUDED.amount, counted_on = EXCLUDED.counted_on
                """)
        }
    }

    private func requireBalanced(_ payment: PaymentOnAccount) throws(BrokenInvariant) {
        guard payment.isBalanced else { throw BrokenInvariant("payment \(payment.id) does not equal its parts") }
    }
}

extension Debt {
    /// Reads the two columns of which one is filled.
    init(_ row: Row) throws {
        let invoice: InvoiceID? = try row("invoice")
        self = try invoice.map(Debt.invoice) ?? .receivable(try row("receivable"))
    }
}
