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
        case clientNotThere
    }

    /// An invoice as invoicing shows it; a draft has no number.
    private struct Invoice: Decodable {
        let number: String?
    }

    private struct Client: Decodable {}

    /// `nil` where this service has no key of its own.
    let clients: AskOwner?
    /// The same for invoices.
    let invoices: AskOwner?

    /// Throws what is certain; an owner that does not answer says nothing.
    func run(_ invoice: InvoiceID?, _ client: ClientID, of organisation: OrganisationID) async throws(Rejection) {
        guard let invoice else { return try await confirm(client, of: organisation) }
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
