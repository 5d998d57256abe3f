import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// All that tells of a client as a person, and its removal (GEN-7).
struct ErasureStore {
    let accounts = AccountStore()
    let parties = PartiesStore()

    /// What stands against forgetting a client now; all else of the findings takes long to count.
    func obstacles(
        of client: ClientID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [ErasureObstacle] {
        let account = try accounts.account(of: client, in: .eur, &transaction)
        return try transaction.one(
            """
            SELECT (SELECT count(*) FROM waiting_payment WHERE client = \(client) AND accepted_by IS NULL) AS waiting,
                (SELECT count(*) FROM quote WHERE \(Self.openQuotes(of: client)) AND EXISTS (
                    SELECT FROM invoice AS asked
                    WHERE asked.quote = quote.id AND asked.deposit AND asked.paid > 0)) AS deposits
            """
        ) { row in
            ErasureObstacle.all(
                due: account.due, held: account.held, waiting: try row("waiting"), deposits: try row("deposits"),
                disputed: account.disputed)
        }
    }

    /// What there is of a client now, and of it where `others` have it as a contact.
    func findings(
        of client: ClientID, _ others: ContactTraces, in organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> ErasureFindings {
        let ids = others.clients
        let obstacles = try self.obstacles(of: client, in: organisation, &transaction)
        let alike = try others.alike(&transaction)
        let answers = try Self.answers(of: organisation).count(naming: Self.signs(of: ids, others), in: &transaction)
        let audited: Int64 = try transaction.one(
            "SELECT count(*) AS count FROM audit_entry WHERE \(Self.entries(of: ids, others, organisation))"
        ) { row in try row("count") }
        return try transaction.one(
            """
            SELECT (SELECT count(*) FROM client_contact WHERE \(others.removed)) AS contacts,
                (SELECT count(*) FROM billing_details WHERE client = \(client)) AS billing,
                (SELECT count(*) FROM payment_on_account WHERE \(Self.notes(of: ids, organisation))) AS notes,
                (SELECT count(*) FROM invoice WHERE \(Self.drafts(of: client))) AS drafts,
                (SELECT count(*) FROM quote WHERE \(Self.openQuotes(of: client))) AS quotes,
                (SELECT count(*) FROM payment_on_account WHERE client = \(client)) AS payments,
                (SELECT count(*) FROM credit_note WHERE client = \(client)) AS credit_notes,
                count(*) AS invoices,
                greatest(max(issued_on), (SELECT max(issued_on) FROM credit_note WHERE client = \(client)),
                    (SELECT max(received_on) FROM payment_on_account WHERE client = \(client))) AS last
            FROM invoice WHERE client = \(client) AND number IS NOT NULL
            """
        ) { row in
            ErasureFindings(
                obstacles: obstacles,
                removed: ErasureFindings.Removed(
                    contacts: try row("contacts"), billingDetails: try row("billing"), tillNotes: try row("notes"),
                    auditEntries: audited, savedAnswers: answers, drafts: try row("drafts"), quotes: try row("quotes")),
                kept: ErasureFindings.Kept(
                    invoices: try row("invoices"), creditNotes: try row("credit_notes"), payments: try row("payments"),
                    lastDocumentOn: try row("last")),
                alike: alike)
        }
    }

    /// Gives up what is not issued, and takes the words off it and off what was given up or invoiced before: it waits
    /// for whoever is issuing it.
    func giveUpDrafts(of client: ClientID, in change: inout Change) throws {
        try change.execute(
            """
            UPDATE invoice SET cancelled = true, notes = NULL, delivery_address = NULL, reference = NULL,
                version = version + 1
            WHERE \(Self.drafts(of: client))
            """)
        try change.execute(
            """
            UPDATE quote SET declined = true, notes = NULL, delivery_address = NULL, version = version + 1
            WHERE \(Self.openQuotes(of: client))
            """)
        // Behind the others, which have none by now: who gave up one of those meanwhile left them.
        try change.execute(
            """
            UPDATE invoice SET notes = NULL, delivery_address = NULL, reference = NULL, version = version + 1
            WHERE client = \(client) AND number IS NULL AND num_nonnulls(notes, delivery_address, reference) > 0
            """)
        try change.execute(
            """
            UPDATE quote SET notes = NULL, delivery_address = NULL, version = version + 1
            WHERE client = \(client) AND num_nonnulls(notes, delivery_address) > 0
            """)
        try change.execute(
            """
            UPDATE invoice_line SET label = '–', practitioner = NULL, exemption = NULL
            FROM invoice WHERE invoice.id = invoice_line.invoice AND invoice.client = \(client) AND number IS NULL
            """)
        // What a quote that was invoiced said is what its invoice says, which stays.
        try change.execute(
            """
            UPDATE quote_line SET label = '–', practitioner = NULL, exemption = NULL
            FROM quote WHERE quote.id = quote_line.quote AND quote.client = \(client)
            """)
    }

    /// Removes the person; answers the day at the client's clinic.
    ///
    /// Documents name it as long as the law wants them kept.
    func erase(_ client: ClientID, _ others: ContactTraces, in change: inout Change) throws -> LocalDate {
        let organisation = change.cause.organisation
        let ids = others.clients
        change.executeLater("DELETE FROM client_contact WHERE \(others.removed)")
        change.executeLater("DELETE FROM billing_details WHERE client = ANY(\(ids))")
        forgetWords(of: ids, in: &change)
        change.executeLater(parties.forgetting("SELECT \(client)::uuid"))
        change.executeLater(
            """
            UPDATE audit_entry
            SET before = without_person(before), after = without_person(after), person_erased = true
            WHERE \(Self.entries(of: ids, others, organisation))
            """)
        try ImportedTraces(reach: others.reach).erase(ids, in: &change)
        try Self.answers(of: organisation).erase(naming: Self.signs(of: ids, others), in: &change)
        let days = try change.query(
            """
            UPDATE client SET last_name = '', first_name = '', phone = NULL, email = NULL, town = '', reference = NULL,
                dunning_paused_until = NULL, version = client.version + 1,
                erased_reference = \(ClientStore.digest(of: "client.reference", in: "client.organisation")),
                erased_on = (now() AT TIME ZONE clinic.time_zone)::date
            FROM clinic WHERE clinic.id = client.clinic AND client.id = ANY(\(ids))
            RETURNING erased_on
            """
        ) { row in try row("erased_on") as LocalDate }
        guard let day = days.first else { throw NotFound.client(client) }
        return day
    }

    /// What was noted of the client's money and debts, and of what the client paid for others: days and amounts stay.
    ///
    /// So do the numbers of other software, or the same file would have debts owed again that were paid long ago.
    private func forgetWords(of ids: [ClientID], in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            UPDATE settlement SET reason = '–', undone_reason = NULL, version = version + 1
            WHERE organisation = \(organisation) AND client = ANY(\(ids))
            """)
        change.executeLater(
            """
            UPDATE payment_on_account SET payer_name = NULL, cheque_number = NULL, cheque_bank = NULL,
                cheque_drawer = NULL, notes = NULL, archived_reason = NULL, words_salt = NULL
            WHERE \(Self.money(of: ids, organisation)) AND \(Self.hasWords)
            """)
        change.executeLater(
            """
            UPDATE credit_archive SET reason = NULL
            FROM payment_on_account
            WHERE payment_on_account.id = credit_archive.payment_on_account AND credit_archive.reason IS NOT NULL
                AND \(Self.money(of: ids, organisation))
            """)
        // What it was called is free text, which often names somebody. Debts are locked in the order of ids, behind
        // settlements and payments.
        change.executeLater(
            """
            UPDATE receivable SET label = '–', version = receivable.version + 1
            FROM (SELECT id FROM receivable WHERE organisation = \(organisation) AND client = ANY(\(ids))
                ORDER BY id FOR UPDATE) AS theirs
            WHERE receivable.id = theirs.id
            """)
    }

    private static func answers(of organisation: OrganisationID) -> ErasedAnswers {
        ErasedAnswers(of: organisation, jobs: [ImportInvoices.reportJob])
    }

    /// What in an answer says that it may tell of them: reports of files once quoted cells that were wrong, whoever's.
    private static func signs(of ids: [ClientID], _ others: ContactTraces) -> [String] {
        ids.map(\.description) + others.signs + [#"\" is not valid."#]
    }

    private static func drafts(of client: ClientID) -> SQL { "client = \(client) AND number IS NULL AND NOT cancelled" }

    private static func openQuotes(of client: ClientID) -> SQL {
        "client = \(client) AND invoice IS NULL AND NOT declined"
    }

    /// Words on money itself, or left of when it was archived before.
    private static func notes(of ids: [ClientID], _ organisation: OrganisationID) -> SQL {
        """
        \(money(of: ids, organisation)) AND (\(hasWords) OR EXISTS (
            SELECT FROM credit_archive
            WHERE credit_archive.payment_on_account = payment_on_account.id AND credit_archive.reason IS NOT NULL))
        """
    }

    private static let hasWords: SQL =
        "num_nonnulls(payer_name, cheque_number, cheque_bank, cheque_drawer, notes, archived_reason) > 0"

    /// Received from the client, or from others for whom the client paid.
    private static func money(of ids: [ClientID], _ organisation: OrganisationID) -> SQL {
        """
        payment_on_account.organisation = \(organisation)
            AND (payment_on_account.client = ANY(\(ids)) OR payment_on_account.payer = ANY(\(ids)))
        """
    }

    /// About the client or what is the client's, or telling of it.
    private static func entries(of ids: [ClientID], _ others: ContactTraces, _ organisation: OrganisationID) -> SQL {
        """
        organisation = \(organisation) AND NOT person_erased AND (subject = ANY(\(ids))
            OR subject IN (
                SELECT id FROM invoice WHERE client = ANY(\(ids))
                UNION ALL SELECT id FROM quote WHERE client = ANY(\(ids))
                UNION ALL SELECT id FROM receivable WHERE client = ANY(\(ids))
                UNION ALL SELECT id FROM payment_on_account WHERE client = ANY(\(ids)) OR payer = ANY(\(ids)))
            OR EXISTS (SELECT FROM unnest(\(ids.map(\.description) + others.signs)::text[]) AS id
                WHERE strpos(concat(before, after), id) > 0))
        """
    }
}
