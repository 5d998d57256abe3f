import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Lines and VAT of documents, in tables named after what they belong to.
struct DocumentParts {
    private let owner: StaticString

    static let ofInvoices = DocumentParts(owner: "invoice")
    static let ofQuotes = DocumentParts(owner: "quote")

    /// What was read of one document.
    struct Read: Sendable {
        var lines: [InvoiceLine] = []
        var shares: [VATShare] = []
    }

    func insert(
        _ content: DocumentContent, _ vat: VATBreakdown, of id: some Identifier, in change: inout Change
    ) throws {
        let (lines, shares) = (content.lines, vat.shares)
        let discounts = lines.map { DiscountColumns($0.discount) }
        try change.execute(
            """
            INSERT INTO \(unescaped: "\(owner)")_line (\(unescaped: "\(owner)"), organisation, position, label,
                quantity_thousandths, unit_price_ten_thousandths, vat_basis_points, discount_basis_points,
                discount_amount)
            SELECT \(id.value), \(change.cause.organisation), *
            FROM unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.label)),
                \(lines.map(\.quantity.thousandths)), \(lines.map(\.unitPrice.tenThousandths)),
                \(lines.map { Int32($0.vatRate.value) }), \(discounts.map(\.basisPoints))::int[],
                \(discounts.map(\.amount))::bigint[])
            """)
        try change.execute(
            """
            INSERT INTO \(unescaped: "\(owner)")_vat (\(unescaped: "\(owner)"), organisation, vat_basis_points, base,
                vat)
            SELECT \(id.value), \(change.cause.organisation), *
            FROM unnest(\(shares.map { Int32($0.rate.value) }), \(shares.map(\.base.minorUnits)),
                \(shares.map(\.vat.minorUnits)))
            """)
    }

    /// The parts of documents by their ids, in two queries however many they are.
    func read(
        of documents: [UInt128: Currency], in transaction: inout PostgresTransaction
    ) throws -> [UInt128: Read] {
        let ids = documents.keys.sorted()
        let lines = try transaction.query(
            """
            SELECT \(unescaped: "\(owner)") AS owner, label, quantity_thousandths, unit_price_ten_thousandths,
                vat_basis_points, discount_basis_points, discount_amount
            FROM \(unescaped: "\(owner)")_line WHERE \(unescaped: "\(owner)") = ANY(\(ids))
            ORDER BY owner, position
            """
        ) { row in
            let id: UInt128 = try row("owner")
            return (id, try readLine(row, documents[id] ?? .eur))
        }
        let shares = try transaction.query(
            """
            SELECT \(unescaped: "\(owner)") AS owner, vat_basis_points, base, vat
            FROM \(unescaped: "\(owner)")_vat WHERE \(unescaped: "\(owner)") = ANY(\(ids))
            ORDER BY owner, vat_basis_points DESC
            """
        ) { row in
            let id: UInt128 = try row("owner")
            return (id, try VATShare(row, documents[id] ?? .eur))
        }
        var found: [UInt128: Read] = [:]
        for (id, line) in lines { found[id, default: Read()].lines.append(line) }
        for (id, share) in shares { found[id, default: Read()].shares.append(share) }
        return found
    }

    private func readLine(_ row: Row, _ currency: Currency) throws -> InvoiceLine {
        guard let quantity = Quantity(thousandths: try row("quantity_thousandths")),
            let price = UnitPrice(tenThousandths: try row("unit_price_ten_thousandths"))
        else { throw PostgresError(.decoding, "a line does not hold a quantity and a price") }
        let rate: Int32 = try row("vat_basis_points")
        return InvoiceLine(
            label: try row("label"), quantity: quantity, unitPrice: price, vatRate: BasisPoints(Int(rate)),
            discount: try DiscountColumns(row).discount(in: currency))
    }
}

extension VATShare {
    /// Reads one rate of a document.
    init(_ row: Row, _ currency: Currency) throws {
        let rate: Int32 = try row("vat_basis_points")
        self.init(
            rate: BasisPoints(Int(rate)), base: try row.money("base", currency), vat: try row.money("vat", currency))
    }
}
