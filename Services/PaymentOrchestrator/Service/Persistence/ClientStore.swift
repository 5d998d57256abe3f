import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The clients of the invoicing service, as its events tell of them: nothing but that they exist, were erased, or
/// became another one.
struct ClientStore: Sendable {
    /// Keeps a client; a second time changes nothing.
    func save(_ client: ClientID, of organisation: OrganisationID, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO client (id, organisation) VALUES (\(client), \(organisation)) ON CONFLICT DO NOTHING
            """)
    }

    /// Keeps that a client was erased, also before it was ever heard of.
    func forget(_ client: ClientID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO client (id, organisation, is_erased) VALUES (\(client), \(change.cause.organisation), true)
            ON CONFLICT ON CONSTRAINT client_key DO UPDATE SET is_erased = true
            """)
    }

    /// Keeps that a client became another one, also before either was ever heard of, and of those that became it.
    func merge(_ client: ClientID, into other: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            INSERT INTO client (id, organisation, merged_into)
            VALUES (\(client), \(organisation), \(other)), (\(other), \(organisation), NULL)
            ON CONFLICT ON CONSTRAINT client_key DO UPDATE
            SET merged_into = coalesce(excluded.merged_into, client.merged_into)
            """)
        change.executeLater(
            """
            UPDATE client SET merged_into = \(other)
            WHERE organisation = \(organisation) AND merged_into = \(client) AND id <> \(other)
            """)
    }

    /// Whoever has to be alone with a client waits for those who are writing something of it, and they for it.
    func holdAlone(_ client: ClientID, in change: inout Change) {
        change.executeLater(
            "SELECT pg_advisory_xact_lock(hashtext('payments-client'), hashtext(\(client.description)))")
    }

    /// Nobody erases the client, or is alone with it, until the change is over; writers do not wait for each other.
    func holdOff(erasureOf client: ClientID, in change: inout Change) {
        change.executeLater(
            "SELECT pg_advisory_xact_lock_shared(hashtext('payments-client'), hashtext(\(client.description)))")
    }

    /// What became of a client; `nil` where nothing was heard of it.
    func standing(of client: ClientID, _ organisation: OrganisationID) -> Query<ClientStanding?> {
        .first("SELECT is_erased, merged_into FROM client WHERE id = \(client) AND organisation = \(organisation)") {
            row in ClientStanding(isErased: try row("is_erased"), mergedInto: try row("merged_into"))
        }
    }

    /// Whether the invoicing service has told of a client.
    func isKnown(_ client: ClientID, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM client WHERE id = \(client) AND organisation = \(organisation)")
    }
}

/// What became of a client.
struct ClientStanding: Hashable, Sendable {
    let isErased: Bool
    /// The client that has all of it by now.
    let mergedInto: ClientID?
}

/// The client became another one, which is to be asked instead.
struct ClientMerged: Error, Hashable {
    let into: ClientID
}
