import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Debts of a client and a period that were closed with what was due of them given up (INV-11).
struct Settlement: Sendable {
    let id: SettlementID
    let client: ClientID
    let first: LocalDate
    let last: LocalDate
    let reason: String
    let author: String
    let settledOn: LocalDate
    let parts: [Allocation]
    var undoneOn: LocalDate?
    var undoneBy: String?
    var undoneReason: String?
    var version: Int64 = 1
}

/// Settlements and what they gave up.
struct SettlementStore {
    private static let columns: SQL = """
        id, client, first_day, last_day, reason, author, currency, settled_on, undone_on, undone_by, undone_reason,
        version
        """

    func insert(_ settlement: Settlement, in currency: Currency, _ change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO settlement (id, organisation, client, first_day, last_day, reason, author, currency, settled_on)
            VALUES (\(settlement.id), \(change.cause.organisation), \(settlement.client), \(settlement.first),
                \(settlement.last), \(settlement.reason), \(settlement.author), \(currency.code),
                \(settlement.settledOn))
            """)
        let parts = settlement.parts
        change.executeLater(
            """
            INSERT INTO settlement_part (settlement, organisation, position, invoice, receivable, amount)
            SELECT \(settlement.id), \(change.cause.organisation), *
            FROM unnest(\(parts.indices.map { Int32($0) }), \(parts.map(\.debt.invoice))::uuid[],
                \(parts.map(\.debt.receivable))::uuid[], \(parts.map(\.amount.minorUnits)))
            """)
    }

    func undo(_ id: SettlementID, on day: LocalDate, saying reason: String?, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE settlement SET undone_on = \(day), undone_by = \(change.cause.actor), undone_reason = \(reason),
                version = version + 1
            WHERE id = \(id)
            """)
    }

    func lock(_ id: SettlementID, in change: inout Change) throws -> Settlement? {
        let found = try change.query(
            """
            SELECT \(Self.columns) FROM settlement
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
        return try withParts(found, in: &change.transaction).first
    }

    /// What of a settlement was owed to some clinics, nil being all; nil when none of it was.
    func find(
        _ id: SettlementID, of organisation: OrganisationID, at clinics: [ClinicID]?,
        in transaction: inout PostgresTransaction
    ) throws -> Settlement? {
        let found = try transaction.query(
            """
            SELECT \(Self.columns) FROM settlement
            WHERE id = \(id) AND organisation = \(organisation)\(Self.hasParts(at: clinics))
            """, read)
        return try withParts(found, at: clinics, in: &transaction).first
    }

    /// The settlements of a client before an id, newest first, as far as they are of some clinics; nil is all.
    func list(
        of client: ClientID, in organisation: OrganisationID, at clinics: [ClinicID]?, before id: SettlementID,
        rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [Settlement] {
        let found = try transaction.query(
            """
            SELECT \(Self.columns) FROM settlement
            WHERE organisation = \(organisation) AND client = \(client) AND id < \(id)\(Self.hasParts(at: clinics))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
        return try withParts(found, at: clinics, in: &transaction)
    }

    /// Goes on with a condition on settlements.
    private static func hasParts(at clinics: [ClinicID]?) -> SQL {
        guard clinics != nil else { return "" }
        return """
             AND EXISTS (
                SELECT FROM settlement_part WHERE settlement_part.settlement = settlement.id\(isOwed(to: clinics)))
            """
    }

    /// Goes on with a condition on parts.
    private static func isOwed(to clinics: [ClinicID]?) -> SQL {
        guard let clinics else { return "" }
        return """
             AND (SELECT clinic FROM invoice WHERE invoice.id = settlement_part.invoice
                UNION ALL SELECT clinic FROM receivable WHERE receivable.id = settlement_part.receivable
            ) = ANY(\(clinics))
            """
    }

    private typealias Head = (make: ([Allocation]) -> Settlement, id: SettlementID, currency: Currency)

    private func read(_ row: Row) throws -> Head {
        let bare = Settlement(
            id: try row("id"), client: try row("client"), first: try row("first_day"), last: try row("last_day"),
            reason: try row("reason"), author: try row("author"), settledOn: try row("settled_on"), parts: [],
            undoneOn: try row("undone_on"), undoneBy: try row("undone_by"), undoneReason: try row("undone_reason"),
            version: try row("version"))
        return ({ parts in bare.with(parts) }, bare.id, try row.currency())
    }

    private func withParts(
        _ heads: [Head], at clinics: [ClinicID]? = nil, in transaction: inout PostgresTransaction
    ) throws -> [Settlement] {
        let currencies = Dictionary(heads.map { ($0.id, $0.currency) }) { first, _ in first }
        let rows = try transaction.query(
            """
            SELECT settlement, invoice, receivable, amount FROM settlement_part
            WHERE settlement = ANY(\(heads.map(\.id)))\(Self.isOwed(to: clinics)) ORDER BY settlement, position
            """
        ) { row in
            let id: SettlementID = try row("settlement")
            return (id, Allocation(try Debt(row), try row.money("amount", currencies[id] ?? .eur)))
        }
        let known = Dictionary(grouping: rows) { $0.0 }
        return heads.map { head in head.make((known[head.id] ?? []).map(\.1)) }
    }
}

extension Settlement {
    fileprivate func with(_ parts: [Allocation]) -> Settlement {
        Settlement(
            id: id, client: client, first: first, last: last, reason: reason, author: author, settledOn: settledOn,
            parts: parts, undoneOn: undoneOn, undoneBy: undoneBy, undoneReason: undoneReason, version: version)
    }
}
