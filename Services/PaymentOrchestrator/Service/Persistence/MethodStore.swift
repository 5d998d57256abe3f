import PaymentModel
import PostgresClient

/// What invoicing said last of the methods organisations are paid by, for while it does not answer.
struct MethodStore: Sendable {
    /// The methods that are off.
    struct Told: Hashable, Sendable {
        let refusals: [Provider: ReadMethods.Refusal]
        /// How often any method was changed at invoicing.
        let version: Int64
    }

    /// `nil` where it never said anything.
    func lastTold(of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws -> Told? {
        try transaction.first(
            "SELECT not_used, not_online, version FROM told_methods WHERE organisation = \(organisation)"
        ) { row in
            let (notUsed, notOnline): ([String], [String]) = (try row("not_used"), try row("not_online"))
            let off = notUsed.compactMap(Provider.init(rawValue:)).map { ($0, ReadMethods.Refusal.notUsed($0)) }
            let offline = notOnline.compactMap(Provider.init(rawValue:)).map { ($0, ReadMethods.Refusal.notOnline($0)) }
            return Told(refusals: Dictionary(off + offline) { first, _ in first }, version: try row("version"))
        }
    }

    /// Keeps what was said over what was known before the question; what others kept meanwhile stays if it is newer.
    func keep(
        _ told: Told, over known: Told?, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws {
        let notUsed = told.refusals.filter { $0.value == .notUsed($0.key) }.map(\.key.rawValue)
        let notOnline = told.refusals.filter { $0.value == .notOnline($0.key) }.map(\.key.rawValue)
        // Versions go back where invoicing was restored from a backup: what was known before the question is over then.
        try transaction.execute(
            """
            INSERT INTO told_methods AS kept (organisation, not_used, not_online, version)
            VALUES (\(organisation), \(notUsed), \(notOnline), \(told.version))
            ON CONFLICT ON CONSTRAINT told_methods_key DO UPDATE SET not_used = EXCLUDED.not_used,
                not_online = EXCLUDED.not_online, version = EXCLUDED.version
            WHERE kept.version < EXCLUDED.version OR kept.version = \(known?.version ?? 0)
            """)
    }
}
