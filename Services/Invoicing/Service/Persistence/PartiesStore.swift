import FoundationEssentials
import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The parties of issued documents, as they were at the issue.
struct PartiesStore {
    /// Keeps the parties of a document that is being issued; it goes out with the change's other statements.
    func keep(of document: some Identifier, clinic: ClinicID, client: ClientID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
            SELECT \(document.value), organisation, seller, buyer, establishment
            FROM parties_now(\(clinic), \(client))
            """)
    }

    /// Keeps the parties of a credit note: it names the buyer of the invoice it corrects, whoever the client is by now.
    func keep(of note: CreditNoteID, correcting invoice: Invoice, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
            SELECT \(note), now.organisation, now.seller, coalesce(kept.buyer, now.buyer), now.establishment
            FROM parties_now(\(invoice.clinic), \(invoice.client)) AS now
                LEFT JOIN document_parties AS kept ON kept.document = \(invoice.id)
            """)
    }

    /// A process of the version before may have issued a document without them; then they are as they are now.
    func find(
        of document: some Identifier, clinic: ClinicID, client: ClientID, in transaction: inout PostgresTransaction
    ) throws -> IssuedDocument.Parties? {
        try transaction.first(
            """
            SELECT seller, buyer, establishment FROM document_parties WHERE document = \(document.value)
            UNION ALL
            SELECT seller, buyer, establishment FROM parties_now(\(clinic), \(client))
            WHERE NOT EXISTS (SELECT FROM document_parties WHERE document = \(document.value))
            """, read)
    }

    /// The parties of what is no issued document, as they are now.
    func now(
        between clinic: ClinicID, and client: ClientID, in transaction: inout PostgresTransaction
    ) throws -> IssuedDocument.Parties? {
        try transaction.first("SELECT seller, buyer, establishment FROM parties_now(\(clinic), \(client))", read)
    }

    private func read(_ row: Row) throws -> IssuedDocument.Parties {
        let (seller, buyer): (PostgresJSON, PostgresJSON) = (try row("seller"), try row("buyer"))
        return IssuedDocument.Parties(
            seller: try JSONDecoder().decode(Seller.self, from: Data(seller.bytes)),
            buyer: try JSONDecoder().decode(Buyer.self, from: Data(buyer.bytes)),
            establishment: try row("establishment"))
    }
}
