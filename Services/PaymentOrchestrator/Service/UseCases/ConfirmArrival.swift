import PaymentModel
import PaymentOrchestratorDomain
import ServiceRuntime

/// Asks invoicing whether what a payment is for is there, where no event has told of it: a mistyped id is told at once,
/// and what was issued a moment ago is waited for.
struct ConfirmArrival: Sendable {
    /// What invoicing is sure of; each is an answer for a person.
    enum Rejection: Error, Hashable, Sendable {
        case invoiceNotThere
        case invoiceNotIssued
        case receivableNotThere
        case clientNotThere
    }

    /// An invoice as invoicing shows it; a draft has no number.
    private struct Invoice: Decodable {
        let number: String?
    }

    /// What is owed without an invoice, as invoicing shows it.
    private struct Receivable: Decodable {
        let clinicID: ClinicID
        let clientID: ClientID
        let due: Money
    }

    private struct Client: Decodable {}

    /// What is owed without an invoice, and to which clinic.
    typealias Told = (owed: KeepReceivable.Owed, clinic: ClinicID)

    /// `nil` where this service has no key of its own.
    let clients: AskOwner?
    /// The same for invoices and for what is owed without one.
    let invoices: AskOwner?

    /// Throws what is certain; an owner that does not answer says nothing.
    ///
    /// Answers what is owed without an invoice: it may have been recorded before its events were heard here, so that
    /// nobody waits for one.
    func run(_ debt: Debt?, _ client: ClientID, of organisation: OrganisationID) async throws(Rejection) -> Told? {
        switch debt {
        case .invoice(let id): try await confirm(id, of: organisation)
        case .receivable(let id): return try await read(id, of: organisation)
        case nil: try await confirm(client, of: organisation)
        }
        return nil
    }

    private func read(_ id: ReceivableID, of organisation: OrganisationID) async throws(Rejection) -> Told? {
        guard let invoices else { return nil }
        let found: Receivable
        do throws(OwnerUnavailable) {
            found = try await invoices.read("/v1/receivables/\(id)", in: organisation)
        } catch {
            guard error.isFinal else { return nil }
            throw .receivableNotThere
        }
        return (
            KeepReceivable.Owed(debt: .receivable(id), client: found.clientID, due: found.due), found.clinicID
        )
    }

    private func confirm(_ invoice: InvoiceID, of organisation: OrganisationID) async throws(Rejection) {
        guard let invoices else { return }
        let found: Invoice
        do throws(OwnerUnavailable) {
            // Large enough for any invoice: one that is too long to be read is there all the same.
            found = try await invoices.read("/v1/invoices/\(invoice)", in: organisation, bytesMax: 16 << 20)
        } catch {
            guard error.isFinal else { return }
            throw .invoiceNotThere
        }
        guard found.number != nil else { throw .invoiceNotIssued }
    }

    private func confirm(_ client: ClientID, of organisation: OrganisationID) async throws(Rejection) {
        guard let clients else { return }
        do throws(OwnerUnavailable) {
            let _: Client = try await clients.read("/v1/clients/\(client)", in: organisation)
        } catch {
            if error.isFinal { throw .clientNotThere }
        }
    }
}
