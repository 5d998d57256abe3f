import HTTPClient
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime

/// Fetches the document of a mail about an invoice or money from invoicing (INV-5, INV-7); it is kept nowhere here.
struct FetchDocument {
    let invoicing: GuardedOwner
    let bytesMax: Int

    /// Of a conflict: invoicing was not told where clients pay, so its documents can carry no link.
    private static let knowsNoPayAddress = 409

    /// In the client's language, which invoicing knows; an invoice carries the link that pays it, if one is given.
    func run(
        for record: MessageRecord, paidBy link: PayLink?
    ) async throws(OwnerUnavailable) -> MailMessage.Attachment {
        let path = try path(record)
        guard let link else { return try await attachment(path, in: record.organisation) }
        do throws(OwnerUnavailable) {
            return try await attachment("\(path)?payToken=\(link.token.reveal())", in: record.organisation)
        } catch {
            guard error.status == Self.knowsNoPayAddress else { throw error }
            return try await attachment(path, in: record.organisation)
        }
    }

    private func attachment(
        _ path: String, in organisation: OrganisationID
    ) async throws(OwnerUnavailable) -> MailMessage.Attachment {
        let response = try await invoicing.get(path, in: organisation, bytesMax: bytesMax, within: .seconds(10))
        return MailMessage.Attachment(
            fileName: name(in: response.header("Content-Disposition") ?? ""), contentType: "application/pdf",
            bytes: response.body)
    }

    private func path(_ record: MessageRecord) throws(OwnerUnavailable) -> String {
        if let note = (try? MessageFacts(record.facts))?.creditNote { return "/v1/credit-notes/\(note)/pdf" }
        if let money = record.matter.paymentOnAccount { return "/v1/payments-on-account/\(money)/receipt" }
        guard let invoice = record.matter.invoice else {
            throw OwnerUnavailable(reason: "the message names no document", isFinal: true)
        }
        return "/v1/invoices/\(invoice)/pdf"
    }

    /// As invoicing calls the file, after the document's number.
    private func name(in disposition: String) -> String {
        let parts = disposition.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].hasSuffix("filename=") ? String(parts[1]) : "document.pdf"
    }
}
