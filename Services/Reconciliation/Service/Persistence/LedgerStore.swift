import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The sub-ledger.
struct LedgerStore {
    let ids: IdentifierSource

    /// Books an entry about a subject; the same kind, subject and run is booked once.
    func book(
        _ entry: LedgerEntry, about subject: some Identifier, run: Int32 = 1, in change: inout Change
    ) throws {
        let id = ids.next()
        let booked = try change.execute(
            """
            INSERT INTO ledger_entry (id, organisation, kind, subject, run, booked_on)
            VALUES (\(id), \(change.cause.organisation), \(entry.kind.rawValue), \(subject.value), \(run), \(entry.on))
            ON CONFLICT ON CONSTRAINT ledger_entry_once DO NOTHING
            """)
        guard booked == 1 else { return }
        let lines = entry.lines
        try change.execute(
            """
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
            SELECT \(id), \(change.cause.organisation), *
            FROM unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.account.number)),
                \(lines.map(\.amount.currency.code)), \(lines.map(\.amount.minorUnits)))
            """)
    }

    /// The balance of every account; their sum is zero.
    func balances(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> [AccountBalance]
    {
        try transaction.query(
            """
            SELECT account, currency, sum(amount)::bigint AS balance FROM ledger_line
            WHERE organisation = \(organisation) GROUP BY account, currency ORDER BY account, currency
            """
        ) { row in
            AccountBalance(
                account: try row("account"), balance: try row.money("balance", try row.currency()))
        }
    }
}

/// What an account of the sub-ledger holds; debit positive.
struct AccountBalance: Codable, Sendable {
    let account: String
    let balance: Money
}
