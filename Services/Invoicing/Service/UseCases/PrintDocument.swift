import HTTPServer
import InvoicingDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Makes the page and the data of an issued document (INV-5).
struct PrintDocument {
    let database: Database
    let file: DocumentFile
    /// Drawing takes milliseconds and the library knows no threads.
    let drawing: BlockingWork
    let invoices = InvoiceStore()
    let notes = CreditNoteStore()
    let quotes = QuoteStore()
    let clients = ClientStore()
    let parties = PartiesStore()
    let sellers = SellerStore()

    /// What the data lack to be an e-invoice.
    struct NotElectronic: Error {
        let number: String
    }

    /// A document with what its page needs beside it.
    struct Printable: Sendable {
        let document: IssuedDocument
        let look: DocumentLook
        /// The client's.
        let language: Language
        /// Whether a link on its page would pay something.
        var isPayableOnline = false
    }

    func invoice(_ id: InvoiceID, for principal: Principal) async throws -> Printable {
        let organisation = principal.organisation
        return try await database.read(organisation: organisation) { transaction in
            guard let found = try invoices.find(id, of: organisation, in: &transaction),
                principal.clinics.includes(found.invoice.clinic)
            else { throw NotFound.invoice(id) }
            guard let parties = try parties.find(of: id, in: &transaction),
                let document = try IssuedDocument(found.invoice, between: parties)
            else { throw InvoiceRejection.notIssued }
            return Printable(
                document: document, look: try sellers.look(of: organisation, in: &transaction),
                language: try language(of: found.invoice.client, organisation, &transaction),
                isPayableOnline: found.invoice.due.isPositive && found.invoice.origin.isPayableOnline)
        }
    }

    func creditNote(_ id: CreditNoteID, for principal: Principal) async throws -> Printable {
        let organisation = principal.organisation
        return try await database.read(organisation: organisation) { transaction in
            guard let note = try notes.find(id, of: organisation, in: &transaction),
                let invoice = try invoices.find(note.invoice, of: organisation, in: &transaction)?.invoice,
                principal.clinics.includes(invoice.clinic),
                let parties = try parties.find(of: id, in: &transaction)
            else { throw NotFound.creditNote(id) }
            return Printable(
                document: try IssuedDocument(note, of: invoice, between: parties),
                look: try sellers.look(of: organisation, in: &transaction),
                language: try language(of: note.client, organisation, &transaction))
        }
    }

    /// An offer, which names both parties as they are now.
    func quote(_ id: QuoteID, for principal: Principal) async throws -> Printable {
        let organisation = principal.organisation
        return try await database.read(organisation: organisation) { transaction in
            guard let quote = try quotes.find(id, of: organisation, in: &transaction)?.quote,
                principal.clinics.includes(quote.clinic),
                let parties = try parties.now(between: quote.clinic, and: quote.client, in: &transaction)
            else { throw NotFound.quote(id) }
            return Printable(
                document: try IssuedDocument(quote, between: parties),
                look: try sellers.look(of: organisation, in: &transaction),
                language: try language(of: quote.client, organisation, &transaction))
        }
    }

    /// The file for people and machines; `language` nil is the client's.
    func pdf(_ printable: Printable, language: Language?, payLink: String?) async throws -> [UInt8] {
        let file = file
        return try await drawing.run {
            try file.write(
                printable.document, look: printable.look, language: language ?? printable.language, payLink: payLink)
        }
    }

    /// The data alone.
    func data(_ printable: Printable) throws(NotElectronic) -> String {
        guard FacturX.admits(printable.document) else { throw NotElectronic(number: printable.document.number) }
        return FacturX(printable.document).xml
    }

    private func language(
        of client: ClientID, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> Language {
        try clients.language(of: client, in: organisation, &transaction)
    }
}
