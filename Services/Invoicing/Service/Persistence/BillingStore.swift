import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What documents say of a client beyond its name and town.
struct BillingDetails: Sendable, Equatable {
    /// Stands on documents in place of the person's name.
    let company: String?
    let siren: String?
    let vatNumber: String?
    let street: String?
    let postcode: String?

    static let none = BillingDetails(company: nil, siren: nil, vatNumber: nil, street: nil, postcode: nil)
}

/// Billing details of clients, each with the version a person may have seen; 0 when there are none.
struct BillingStore {
    func find(
        of client: ClientID, in transaction: inout PostgresTransaction
    ) throws -> (details: BillingDetails, version: Int64) {
        let kept = try transaction.first(
            "SELECT company, siren, vat_number, street, postcode, version FROM billing_details WHERE client = \(client)"
        ) { row in
            let details = BillingDetails(
                company: try row("company"), siren: try row("siren"), vatNumber: try row("vat_number"),
                street: try row("street"), postcode: try row("postcode"))
            return (details: details, version: try row("version") as Int64)
        }
        return kept ?? (.none, 0)
    }

    /// Writes over what was there at `version`; false when somebody else was faster.
    func put(
        _ details: BillingDetails, of client: ClientID, over version: Int64, in change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO billing_details AS kept (client, organisation, company, siren, vat_number, street, postcode)
            VALUES (\(client), \(change.cause.organisation), \(details.company), \(details.siren),
                \(details.vatNumber), \(details.street), \(details.postcode))
            ON CONFLICT (client) DO UPDATE SET company = EXCLUDED.company, siren = EXCLUDED.siren,
                vat_number = EXCLUDED.vat_number, street = EXCLUDED.street, postcode = EXCLUDED.postcode,
                version = kept.version + 1, changed_at = now()
            WHERE kept.version = \(version)
            """) == 1
    }
}
