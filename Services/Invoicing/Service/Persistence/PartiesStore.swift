import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The parties of issued documents, as they were at the issue.
struct PartiesStore {
    /// What keeps the parties of an invoice that is being issued and answers what its hash holds of them.
    func keeping(of invoice: Invoice) -> SQL {
        keeping(
            of: invoice.id,
            "SELECT organisation, seller, buyer, establishment FROM parties_now(\(invoice.clinic), \(invoice.client))")
    }

    /// The same of a credit note: it names the buyer of the invoice it corrects, whoever the client is by now.
    func keeping(of note: CreditNoteID, correcting invoice: Invoice) -> SQL {
        keeping(
            of: note,
            """
            SELECT now.organisation, now.seller, coalesce(corrected.buyer, now.buyer) AS buyer, now.establishment
            FROM parties_now(\(invoice.clinic), \(invoice.client)) AS now
                LEFT JOIN document_parties AS corrected ON corrected.document = \(invoice.id)
            """)
    }

    private func keeping(of document: some Identifier, _ parties: SQL) -> SQL {
        """
        INSERT INTO document_parties (document, organisation, seller, buyer, establishment, salt, buyer_digest)
        SELECT \(document.value), organisation, seller, buyer, establishment, salt, salted_digest(salt, buyer::text)
        FROM (\(parties)) AS parties, (SELECT replace(gen_random_uuid()::text, '-', '') AS salt OFFSET 0) AS drawn
        RETURNING seller::text AS seller, establishment, buyer_digest
        """
    }

    /// As they were at the issue; nil for what is not issued.
    func find(
        of document: some Identifier, in transaction: inout PostgresTransaction
    ) throws -> IssuedDocument.Parties? {
        try transaction.first(
            "SELECT seller, buyer, establishment FROM document_parties WHERE document = \(document.value)", read)
    }

    /// Takes the buyer off the documents of some clients, who are forgotten, once the law lets go of the last of them:
    /// as long as that is kept, so are those before it.
    func forgetting(_ clients: SQL) -> SQL {
        let years = Int32(ErasureFindings.Kept.years)
        return """
            UPDATE document_parties SET buyer = forgotten_buyer(), salt = NULL
            FROM (
                SELECT id, max(extract(year FROM day)) OVER (PARTITION BY client) AS last FROM (
                    SELECT id, client, issued_on AS day FROM invoice
                    WHERE number IS NOT NULL AND client IN (\(clients))
                    UNION ALL SELECT id, client, issued_on FROM credit_note WHERE client IN (\(clients))
                    UNION ALL SELECT id, client, received_on FROM payment_on_account WHERE client IN (\(clients))
                ) AS dated
            ) AS theirs
            WHERE theirs.id = document AND last + \(years) < extract(year FROM now()) AND buyer <> forgotten_buyer()
            """
    }

    /// What hashes hold of the parties of some documents, and whether the buyers are still those who were digested.
    func sealed(
        of documents: [UInt128], in transaction: inout PostgresTransaction
    ) throws -> [UInt128: SealedParties] {
        let found = try transaction.query(
            """
            SELECT document, seller::text AS seller, establishment, buyer_digest,
                salt IS NULL AND buyer = forgotten_buyer() AS forgotten,
                buyer_digest IS NULL OR coalesce(
                    salted_digest(salt, buyer::text) = buyer_digest, buyer = forgotten_buyer()) AS known,
                extract(year FROM now())::int AS year
            FROM document_parties WHERE document = ANY(\(documents))
            """
        ) { row in
            let id: UInt128 = try row("document")
            let year: Int32 = try row("year")
            return (
                id,
                SealedParties(
                    chained: try ChainedParties(row), isKnown: try row("known"), isForgotten: try row("forgotten"),
                    year: Int(year))
            )
        }
        return Dictionary(found) { first, _ in first }
    }

    /// The parties of what is no issued document, as they are now.
    func now(
        between clinic: ClinicID, and client: ClientID, in transaction: inout PostgresTransaction
    ) throws -> IssuedDocument.Parties? {
        try transaction.first("SELECT seller, buyer, establishment FROM parties_now(\(clinic), \(client))", read)
    }

    private func read(_ row: Row) throws -> IssuedDocument.Parties {
        IssuedDocument.Parties(
            seller: try row.json("seller"), buyer: try row.json("buyer"), establishment: try row("establishment"))
    }
}

/// The parties of an issued document beside what its hash holds of them.
struct SealedParties: Sendable {
    let chained: ChainedParties?
    /// Whether the buyer is the one who was digested, or was forgotten.
    let isKnown: Bool
    let isForgotten: Bool
    /// In which they were looked at.
    let year: Int

    /// What is wrong with them; nil when nothing is.
    static func flaw(_ sealed: SealedParties?, ofDocumentOn day: LocalDate?) -> String? {
        guard let sealed else { return "who issued it to whom is missing" }
        guard sealed.isKnown else { return "its buyer is not whom it was issued to" }
        guard sealed.isForgotten, let day, day.year + ErasureFindings.Kept.years >= sealed.year else { return nil }
        return "its buyer was forgotten before its time"
    }
}

extension ChainedParties {
    /// Nil where the hash of a document holds none.
    init?(_ row: Row) throws {
        let (seller, establishment): (String?, String?) = (try row("seller"), try row("establishment"))
        guard let seller, let establishment, let digest = try row("buyer_digest") as String? else { return nil }
        self.init(seller: seller, establishment: establishment, buyerDigest: digest)
    }
}
