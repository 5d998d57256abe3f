import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What tells who a client is, and its removal (GEN-7).
struct PersonalDataStore: Sendable {
    /// A client's payments that still tell of it, in the order in which they are locked.
    func payments(of client: ClientID, in change: inout Change) throws -> [PaymentID] {
        try change.query(
            """
            SELECT id FROM payment
            WHERE organisation = \(change.cause.organisation) AND client = \(client) AND NOT is_client_erased
            ORDER BY id
            """
        ) { row in try row("id") }
    }

    /// Payments of one client become another's.
    func hand(_ client: ClientID, to other: ClientID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payment SET client = \(other)
            WHERE organisation = \(change.cause.organisation) AND client = \(client)
            """)
    }

    /// Removes the client's name, phone, mail and address, and every text in which somebody may have named it.
    ///
    /// Provider keys, calls and events never held any of it.
    func forget(_ client: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            UPDATE payment_history SET note = \(HistoryStore.forgotten)
            WHERE organisation = \(organisation) AND note <> \(HistoryStore.forgotten) AND payment IN (
                SELECT id FROM payment WHERE organisation = \(organisation) AND client = \(client))
            """)
        change.executeLater(
            """
            UPDATE payment SET details = NULL, title = CASE details ->> 'language'
                WHEN \(Language.english.rawValue) THEN \(Language.english.care) ELSE \(Language.french.care) END
            WHERE organisation = \(organisation) AND client = \(client) AND details IS NOT NULL
            """)
    }
}
