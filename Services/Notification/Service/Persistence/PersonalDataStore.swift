import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Everything the tables hold of one client.
struct PersonalDataStore {
    private let messages = MessageStore()

    /// Makes the client's own what is known by its number only: an imported contact, what campaigns wrote to it.
    func adopt(by client: ClientID, in change: inout Change) throws {
        let organisation = change.cause.organisation
        try change.execute(
            """
            UPDATE contact SET client = \(client) WHERE organisation = \(organisation) AND client IS NULL
                AND phone IN (SELECT address FROM message
                    WHERE organisation = \(organisation) AND client = \(client) AND channel = 'sms')
            """)
        try change.execute(
            """
            UPDATE message SET client = \(client)
            WHERE organisation = \(organisation) AND client IS NULL AND (campaign IS NOT NULL OR contact IS NOT NULL)
                AND id IN (
                    SELECT id FROM message WHERE address IN (
                        SELECT address FROM message
                            WHERE organisation = \(organisation) AND client = \(client) AND channel = 'sms'
                        UNION SELECT phone FROM contact WHERE organisation = \(organisation) AND client = \(client))
                    UNION SELECT id FROM message WHERE contact IN (
                        SELECT id FROM contact WHERE organisation = \(organisation) AND client = \(client)))
            """)
    }

    /// Messages that have not left, and those whose call is open.
    func lockUnsent(of client: ClientID, in change: inout Change) throws -> [MessageRecord] {
        try change.read(
            messages.locking(
                where: """
                    id IN (\(ids(of: client, change.cause.organisation)))
                        AND state IN ('requested', 'ready', 'claimed')
                    """))
    }

    /// The client's messages, and those by which others heard of the client's payments.
    ///
    /// What the client was told as one of those others is about somebody else's payment, whose messages stay.
    private func ids(of client: ClientID, _ organisation: OrganisationID) -> SQL {
        """
        SELECT id FROM message WHERE organisation = \(organisation) AND client = \(client)
        UNION SELECT other.id FROM message AS own JOIN message AS other ON other.payment = own.payment
            WHERE own.organisation = \(organisation) AND own.client = \(client) AND own.contact IS NULL
                AND other.organisation = \(organisation) AND other.contact IS NOT NULL
        """
    }

    /// Decisions about marketing by numbers that are nobody else's.
    func forgetDecisions(of client: ClientID, in change: inout Change) throws {
        let organisation = change.cause.organisation
        try change.execute(
            """
            DELETE FROM consent WHERE organisation = \(organisation) AND address IN (
                SELECT address FROM message WHERE organisation = \(organisation) AND client = \(client)
                UNION SELECT phone FROM contact WHERE organisation = \(organisation) AND client = \(client)
                EXCEPT SELECT address FROM message
                    WHERE organisation = \(organisation) AND client IS DISTINCT FROM \(client)
                EXCEPT SELECT phone FROM contact
                    WHERE organisation = \(organisation) AND client IS DISTINCT FROM \(client))
            """)
    }

    /// Their names and numbers in the results of campaigns.
    func forgetRecipients(of client: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            UPDATE campaign_recipient SET name = NULL, phone = NULL
            WHERE organisation = \(organisation) AND (
                message IN (SELECT id FROM message WHERE organisation = \(organisation) AND client = \(client))
                OR contact IN (SELECT id FROM contact WHERE organisation = \(organisation) AND client = \(client)))
            """)
    }

    /// Those that are being called for keep what their call needs until its outcome.
    ///
    /// Nobody can send again what nobody knows the outcome of: there is no number to send it to.
    func forgetMessages(of client: ClientID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET address = NULL, subject = NULL, body = NULL, proof = NULL,
                is_wanted = is_wanted AND state <> 'uncertain'
            WHERE id IN (\(ids(of: client, change.cause.organisation)))
                AND NOT (state = 'claimed' AND is_to_forget)
            """)
    }

    /// The numbers the client is known by here.
    func phones(of client: ClientID, in change: inout Change) throws -> [String] {
        let organisation = change.cause.organisation
        return try change.query(
            """
            SELECT address AS phone FROM message
                WHERE organisation = \(organisation) AND client = \(client) AND channel = 'sms' AND address IS NOT NULL
            UNION SELECT phone FROM contact
                WHERE organisation = \(organisation) AND client = \(client) AND phone IS NOT NULL
            """
        ) { row in try row("phone") }
    }

    /// Whose number it is as far as is known here: one that a family shares is several clients'.
    func clients(of phone: String, in change: inout Change) throws -> [ClientID] {
        let organisation = change.cause.organisation
        return try change.query(
            """
            SELECT client FROM message
                WHERE organisation = \(organisation) AND address = \(phone) AND channel = 'sms' AND client IS NOT NULL
            UNION SELECT client FROM contact
                WHERE organisation = \(organisation) AND phone = \(phone) AND client IS NOT NULL
            ORDER BY client
            """
        ) { row in try row("client") }
    }

    /// Everything of one client is another's.
    func hand(_ client: ClientID, to other: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        for table: SQL in ["asked_payment", "message", "reminder", "contact"] {
            change.executeLater(
                "UPDATE \(table) SET client = \(other) WHERE organisation = \(organisation) AND client = \(client)")
        }
    }

    func forgetContacts(of client: ClientID, in change: inout Change) {
        change.executeLater(
            "DELETE FROM contact WHERE organisation = \(change.cause.organisation) AND client = \(client)")
    }
}
