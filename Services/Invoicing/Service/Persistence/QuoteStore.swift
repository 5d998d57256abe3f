import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A quote with the version a person may have seen.
struct QuoteRecord: Sendable {
    var quote: Quote
    var version: Int64 = 1
}

/// Where a quote is, as the wire says it.
enum QuoteStatus: String, Codable, CaseIterable, Sendable {
    case open, declined, invoiced
    /// Open still, but past its last day at the clinic without a deposit that stands.
    case expired

    /// What meets it; what is few among all is said as the indexes that hold only that say it.
    var condition: SQL {
        let undecided: SQL = "invoice IS NULL AND NOT declined"
        // Deposits are counted, row by row: as a join they would be looked up for all quotes there are.
        let isPast: SQL = """
            (valid_until < (now() AT TIME ZONE (SELECT time_zone FROM clinic WHERE clinic.id = quote.clinic))::date
                AND (SELECT count(*) FROM invoice AS asked WHERE asked.quote = quote.id AND asked.deposit
                    AND NOT asked.cancelled AND asked.credited < asked.total) = 0)
            """
        return switch self {
        case .open: "\(undecided) AND NOT \(isPast)"
        case .expired: "\(undecided) AND \(isPast)"
        case .declined: "declined"
        case .invoiced: "invoice IS NOT NULL"
        }
    }
}

/// Quotes with their lines, VAT and deposits.
struct QuoteStore {
    func insert(_ quote: Quote, in change: inout Change) throws {
        let discount = DiscountColumns(quote.content.discount)
        let delivery = try quote.content.delivery.map { try PostgresJSON.of($0) }
        change.executeLater(
            """
            INSERT INTO quote (id, organisation, clinic, client, number, issued_on, valid_until, currency, total,
                discount_basis_points, discount_amount, notes, delivery_address)
            VALUES (\(quote.id), \(change.cause.organisation), \(quote.clinic), \(quote.client), \(quote.number),
                \(quote.issuedOn), \(quote.validUntil), \(quote.total.currency.code), \(quote.total.minorUnits),
                \(discount.basisPoints), \(discount.amount), \(quote.content.notes), \(delivery))
            """)
        try DocumentParts.ofQuotes.insert(quote.content, quote.vat, of: quote.id, in: &change)
    }

    /// Saves where the quote is; its deposits are invoices and saved as such.
    func save(_ quote: Quote, in change: inout Change) throws {
        var invoice: InvoiceID?
        if case .invoiced(let id) = quote.state { invoice = id }
        change.executeLater(
            """
            UPDATE quote SET declined = \(quote.state == .declined), invoice = \(invoice), version = version + 1
            WHERE id = \(quote.id)
            """)
    }

    func lock(_ id: QuoteID, in change: inout Change) throws -> QuoteRecord? {
        try record(id, of: change.cause.organisation, suffix: "FOR UPDATE", in: &change.transaction)
    }

    func find(
        _ id: QuoteID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> QuoteRecord? {
        try record(id, of: organisation, suffix: "", in: &transaction)
    }

    /// Quotes before an id, newest first, those of a period by their days; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, _ filter: DocumentFilter, _ status: QuoteStatus?,
        before id: QuoteID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [QuoteRecord] {
        let asked = filter.condition(on: "quote")
        var condition: SQL = "quote.organisation = \(organisation)\(asked)"
        if let status { condition = "\(condition) AND \(status.condition)" }
        let clinics = ClinicRows.clinics(clinics, only: filter.clinic)
        let page = ClinicRows.page(
            "quote", in: filter.order, at: clinics, before: id, where: condition, rows: rows)
        let heads = try transaction.query(
            "SELECT \(Self.columns) FROM \(page) AS quote ORDER BY \(filter.order.clause) LIMIT \(Int64(rows))", read)
        return try withParts(heads, in: &transaction)
    }
}

// MARK: Reading rows

extension QuoteStore {
    private static let columns: SQL = """
        id, clinic, client, number, issued_on, valid_until, currency, discount_basis_points, discount_amount, notes,
        delivery_address, declined, invoice, version
        """

    private struct Head {
        let id: QuoteID
        let clinic: ClinicID
        let client: ClientID
        let number: String
        let dates: QuoteDates
        let currency: Currency
        let discount: Discount?
        let notes: String?
        let delivery: DeliveryPlace?
        let state: Quote.State
        let version: Int64

        func quote(_ parts: DocumentParts.Read, _ deposits: [Deposit]) throws -> Quote {
            let content = DocumentContent(
                currency: currency, lines: parts.lines, discount: discount, notes: notes, delivery: delivery)
            return try Quote(
                id: id, clinic: clinic, client: client, number: number, content: content, dates: dates
            ).with(vat: try VATBreakdown(parts.shares, in: currency), state: state, deposits: deposits)
        }
    }

    private func read(_ row: Row) throws -> Head {
        let currency = try row.currency()
        let isDeclined: Bool = try row("declined")
        let invoice: InvoiceID? = try row("invoice")
        return Head(
            id: try row("id"), clinic: try row("clinic"), client: try row("client"), number: try row("number"),
            dates: QuoteDates(issuedOn: try row("issued_on"), validUntil: try row("valid_until")), currency: currency,
            discount: try DiscountColumns(row).discount(in: currency), notes: try row("notes"),
            delivery: try row.optionalJSON("delivery_address"),
            state: invoice.map(Quote.State.invoiced) ?? (isDeclined ? .declined : .open), version: try row("version"))
    }

    private func record(
        _ id: QuoteID, of organisation: OrganisationID, suffix: StaticString,
        in transaction: inout PostgresTransaction
    ) throws -> QuoteRecord? {
        let head = try transaction.first(
            """
            SELECT \(Self.columns) FROM quote
            WHERE id = \(id) AND organisation = \(organisation) \(unescaped: "\(suffix)")
            """, read)
        return try head.map { try withParts([$0], in: &transaction)[0] }
    }

    private func withParts(_ heads: [Head], in transaction: inout PostgresTransaction) throws -> [QuoteRecord] {
        let currencies = Dictionary(heads.map { ($0.id.value, $0.currency) }) { first, _ in first }
        let parts = try DocumentParts.ofQuotes.read(of: currencies, in: &transaction)
        let deposits = try deposits(of: heads, in: &transaction)
        return try heads.map { head in
            let quote = try head.quote(parts[head.id.value] ?? DocumentParts.Read(), deposits[head.id] ?? [])
            return QuoteRecord(quote: quote, version: head.version)
        }
    }

    private func deposits(
        of heads: [Head], in transaction: inout PostgresTransaction
    ) throws -> [QuoteID: [Deposit]] {
        let rows = try transaction.query(
            """
            SELECT id, quote, currency, payable_online FROM invoice
            WHERE quote = ANY(\(heads.map(\.id))) AND deposit AND NOT cancelled ORDER BY id
            """
        ) { row in
            (
                id: try row("id") as InvoiceID, quote: try row("quote") as QuoteID, currency: try row.currency(),
                isOnline: try row("payable_online") as Bool
            )
        }
        let currencies = Dictionary(rows.map { ($0.id, $0.currency) }) { first, _ in first }
        let parts = try DocumentParts.ofInvoices.read(
            of: Dictionary(rows.map { ($0.id.value, $0.currency) }) { first, _ in first }, in: &transaction)
        let credited = try CreditNoteStore().shares(of: currencies, in: &transaction)
        var found: [QuoteID: [Deposit]] = [:]
        for row in rows {
            let vat = try VATBreakdown(parts[row.id.value]?.shares ?? [], in: row.currency)
            found[row.quote, default: []].append(
                try Deposit(invoice: row.id, isOnline: row.isOnline, vat: vat, credited: credited[row.id] ?? []))
        }
        return found
    }
}
