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
        change.executeLater(
            """
            INSERT INTO \(unescaped: "\(owner)")_line (\(unescaped: "\(owner)"), organisation, position, label,
                quantity_thousandths, unit_price_ten_thousandths, vat_basis_points, discount_basis_points,
                discount_amount, nature, practitioner, exemption, unit)
            SELECT \(id.value), \(change.cause.organisation), *
            FROM unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.label)),
                \(lines.map(\.quantity.thousandths)), \(lines.map(\.unitPrice.tenThousandths)),
                \(lines.map { Int32($0.vatRate.value) }), \(discounts.map(\.basisPoints))::int[],
                \(discounts.map(\.amount))::bigint[], \(lines.map { $0.nature?.rawValue })::text[],
                \(lines.map(\.practitioner))::text[], \(lines.map(\.exemption))::text[],
                \(lines.map { $0.unit?.rawValue })::text[])
            """)
        change.executeLater(
            """
            INSERT INTO \(unescaped: "\(owner)")_vat (\(unescaped: "\(owner)"), organisation, vat_basis_points, base,
                vat)
            SELECT \(id.value), \(change.cause.organisation), *
            FROM unnest(\(shares.map { Int32($0.rate.value) }), \(shares.map(\.base.minorUnits)),
                \(shares.map(\.vat.minorUnits)))
            """)
    }

    /// Takes the parts off a draft that is written anew.
    func delete(of id: some Identifier, in change: inout Change) {
        for part in ["line", "vat"] as [StaticString] {
            change.executeLater(
                """
                DELETE FROM \(unescaped: "\(owner)")_\(unescaped: "\(part)")
                WHERE \(unescaped: "\(owner)") = \(id.value)
                """)
        }
    }

    /// The parts of documents by their ids, in two queries however many they are.
    func read(
        of documents: [UInt128: Currency], in transaction: inout PostgresTransaction
    ) throws -> [UInt128: Read] {
        try transaction.read(reading(of: documents.keys.sorted())).parts(in: documents)
    }

    /// Parts as they were read; the heads of their documents say in which currencies they are.
    struct Rows {
        fileprivate let lines: [Row]
        fileprivate let shares: [Row]

        func parts(in currencies: [UInt128: Currency]) throws -> [UInt128: Read] {
            var found: [UInt128: Read] = [:]
            for row in lines {
                let id: UInt128 = try row("owner")
                found[id, default: Read()].lines.append(try InvoiceLine(row, currencies[id] ?? .eur))
            }
            for row in shares {
                let id: UInt128 = try row("owner")
                found[id, default: Read()].shares.append(try VATShare(row, currencies[id] ?? .eur))
            }
            return found
        }
    }

    func reading(of ids: [UInt128]) -> Query<Rows> {
        let lines: Query<[Row]> = .all(
            """
            SELECT \(unescaped: "\(owner)") AS owner, label, quantity_thousandths, unit_price_ten_thousandths,
                vat_basis_points, discount_basis_points, discount_amount, nature, practitioner,
                exemption, unit
            FROM \(unescaped: "\(owner)")_line WHERE \(unescaped: "\(owner)") = ANY(\(ids))
            ORDER BY owner, position
            """
        ) { $0 }
        let shares: Query<[Row]> = .all(
            """
            SELECT \(unescaped: "\(owner)") AS owner, vat_basis_points, base, vat
            FROM \(unescaped: "\(owner)")_vat WHERE \(unescaped: "\(owner)") = ANY(\(ids))
            ORDER BY owner, vat_basis_points DESC
            """
        ) { $0 }
        return lines.with(shares) { Rows(lines: $0, shares: $1) }
    }
}

extension InvoiceLine {
    /// Reads one line of a document.
    fileprivate init(_ row: Row, _ currency: Currency) throws {
        guard let quantity = Quantity(thousandths: try row("quantity_thousandths")),
            let price = UnitPrice(tenThousandths: try row("unit_price_ten_thousandths"))
        else { throw PostgresError(.decoding, "a line does not hold a quantity and a price") }
        let rate: Int32 = try row("vat_basis_points")
        let (nature, unit): (String?, String?) = (try row("nature"), try row("unit"))
        self.init(
            label: try row("label"), quantity: quantity, unit: unit.flatMap { BilledUnit(rawValue: $0) },
            unitPrice: price, vatRate: BasisPoints(Int(rate)),
            discount: try DiscountColumns(row).discount(in: currency),
            nature: nature.flatMap { Seller.Operations(rawValue: $0) }, practitioner: try row("practitioner"),
            exemption: try row("exemption"))
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
