import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A method of payment with the version a person may have seen; 0 is the program's default.
struct MethodRecord: Sendable {
    var method: PaymentMethod
    var version: Int64
}

/// How organisations are paid: what they keep, before the program's defaults.
struct MethodStore {
    /// All methods in the order of their codes.
    func all(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [MethodRecord] {
        let kept = try transaction.query(
            "SELECT \(Self.columns) FROM payment_method WHERE organisation = \(organisation) ORDER BY code", read)
        let codes = Set(kept.map(\.method.code))
        let untouched = PaymentMethod.defaults.filter { !codes.contains($0.code) }
        return (kept + untouched.map { MethodRecord(method: $0, version: 0) }).sorted {
            $0.method.code < $1.method.code
        }
    }

    func find(
        _ code: String, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> MethodRecord? {
        let kept = try transaction.first(
            """
            SELECT \(Self.columns) FROM payment_method
            WHERE organisation = \(organisation) AND code = \(code)
            """, read)
        return kept ?? PaymentMethod.defaults.first { $0.code == code }.map { MethodRecord(method: $0, version: 0) }
    }

    /// Writes a method over what was there at `version`; false when somebody else was faster.
    func put(_ method: PaymentMethod, over version: Int64, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO payment_method AS kept (organisation, code, kind, label, online, active, journal, account,
                commission_account)
            VALUES (\(change.cause.organisation), \(method.code), \(method.kind.rawValue), \(method.label),
                \(method.isOnline), \(method.isActive), \(method.journal), \(method.account),
                \(method.commissionAccount))
            ON CONFLICT ON CONSTRAINT payment_method_key DO UPDATE SET label = EXCLUDED.label,
                online = EXCLUDED.online, active = EXCLUDED.active, journal = EXCLUDED.journal,
                account = EXCLUDED.account, commission_account = EXCLUDED.commission_account,
                version = kept.version + 1
            WHERE kept.version = \(version)
            """) == 1
    }

    private static let columns: SQL =
        "code, kind, label, online, active, journal, account, commission_account, version"

    private func read(_ row: Row) throws -> MethodRecord {
        let method = PaymentMethod(
            code: try row("code"), kind: try row.word("kind"), label: try row("label"), isOnline: try row("online"),
            isActive: try row("active"), journal: try row("journal"), account: try row("account"),
            commissionAccount: try row("commission_account"))
        return MethodRecord(method: method, version: try row("version"))
    }
}
