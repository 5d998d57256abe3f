import PaymentModel
import PostgresClient
import ReconciliationDomain

/// The accounts of what providers owe, as `Account` has them.
enum ClearingAccounts {
    /// Each with its provider, as a table.
    static let all: SQL = "(VALUES \(unescaped: rows)) AS clearing (provider, account)"

    /// That of the provider of a row.
    static func account(of row: SQL) -> SQL { "CASE \(row).provider \(unescaped: cases) END" }

    private static let rows = Provider.allCases
        .map { "('\($0.rawValue)', '\(Account.clearing($0).number)')" }.joined(separator: ", ")

    private static let cases = Provider.allCases
        .map { "WHEN '\($0.rawValue)' THEN '\(Account.clearing($0).number)'" }.joined(separator: " ")
}
