import HTTPServer
import PaymentModel
import TransactionalMessaging

/// Writes down what documents say of a client beyond its name and town (INV-5).
struct KeepBilling {
    let database: Database
    let audit: AuditStore
    let clients = ClientStore()
    let billing = BillingStore()

    func put(
        _ details: BillingDetails, of client: ClientID, seen version: Int64, because cause: Cause
    ) async throws -> Applied<BillingAnswer> {
        try await database.change(because: cause) { change in
            guard try clients.lock(client, in: &change) != nil else { throw NotFound.client(client) }
            let known = try billing.find(of: client, in: &change.transaction)
            guard known.version == version, try billing.put(details, of: client, over: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            let answer = BillingAnswer(details, of: client, version: version + 1)
            try audit.record(
                "billing-details-changed", about: client,
                before: BillingAnswer(known.details, of: client, version: version), after: answer, in: &change)
            return answer
        }
    }
}

/// Billing details as the API shows them.
struct BillingAnswer: Codable, Sendable {
    let clientID: ClientID
    let company: String?
    let siren: String?
    let vatNumber: String?
    let street: String?
    let postcode: String?
    let version: Int64

    init(_ details: BillingDetails, of client: ClientID, version: Int64) {
        clientID = client
        company = details.company
        siren = details.siren
        vatNumber = details.vatNumber
        street = details.street
        postcode = details.postcode
        self.version = version
    }
}
