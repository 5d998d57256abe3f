import PaymentModel
import PaymentOrchestratorDomain
import ServiceRuntime

/// Asks invoicing who a client is: who starts a payment need not repeat what the client's record says, PAY-6.
struct ReadClient: Sendable {
    /// Why a client's record does not do; each is an answer for a person.
    enum Rejection: Error, Hashable, Sendable {
        /// This service was given no key to ask invoicing with.
        case notAsked
        case notReached
        case clientUnknown
        /// The record lacks what providers insist on.
        case incomplete([String])
    }

    /// A client as invoicing shows it; only what we use is read.
    fileprivate struct Record: Decodable {
        let firstName: String
        let lastName: String
        let phone: Phone?
        let email: EmailAddress?
        let town: String
        let country: String
        let language: Language
    }

    /// What invoicing knows for bills alone.
    private struct Billing: Decodable {
        let street: String?
        let postcode: String?
    }

    /// `nil` where this service has no key of its own.
    let invoicing: AskOwner?

    func run(_ client: ClientID, of organisation: OrganisationID) async throws(Rejection) -> ClientDetails {
        let path = "/v1/clients/\(client)"
        let record: Record = try await read(path, organisation)
        let billing: Billing = try await read("\(path)/billing-details", organisation)
        guard let phone = record.phone, let email = record.email, record.isFilled else {
            throw .incomplete(record.missing)
        }
        return ClientDetails(
            firstName: record.firstName, lastName: record.lastName, phone: phone, email: email,
            addressLine: billing.street, postalCode: billing.postcode, town: record.town, country: record.country,
            language: record.language)
    }

    private func read<Answer: Decodable>(
        _ path: String, _ organisation: OrganisationID
    ) async throws(Rejection) -> Answer {
        guard let invoicing else { throw .notAsked }
        do throws(OwnerUnavailable) {
            return try await invoicing.read(path, in: organisation)
        } catch {
            throw error.isFinal ? .clientUnknown : .notReached
        }
    }
}

extension ReadClient.Record {
    fileprivate var isFilled: Bool { missing.isEmpty }

    /// The mandatory fields that say nothing, by our names.
    fileprivate var missing: [String] {
        let texts = [
            ("firstName", firstName), ("lastName", lastName), ("phone", phone?.e164), ("email", email?.text),
            ("town", town), ("country", country),
        ]
        return texts.filter { _, text in text?.allSatisfy(\.isWhitespace) ?? true }.map(\.0)
    }
}
