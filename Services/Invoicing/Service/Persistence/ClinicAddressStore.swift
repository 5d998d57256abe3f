import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Where clinics are, each with the version a person may have seen; 0 when nobody said it.
struct ClinicAddressStore {
    func find(
        of clinic: ClinicID, in transaction: inout PostgresTransaction
    ) throws -> (address: PostalAddress?, version: Int64) {
        let kept = try transaction.first(
            "SELECT street, postcode, town, country, version FROM clinic_address WHERE clinic = \(clinic)"
        ) { row in
            let address = PostalAddress(
                street: try row("street"), postcode: try row("postcode"), town: try row("town"),
                country: try row("country"))
            return (address: address, version: try row("version") as Int64)
        }
        return (kept?.address, kept?.version ?? 0)
    }

    /// Writes over what was there at `version`; false when somebody else was faster.
    func put(
        _ address: PostalAddress, of clinic: ClinicID, over version: Int64, in change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO clinic_address AS kept (clinic, organisation, street, postcode, town, country)
            VALUES (\(clinic), \(change.cause.organisation), \(address.street), \(address.postcode), \(address.town),
                \(address.country))
            ON CONFLICT (clinic) DO UPDATE SET street = EXCLUDED.street, postcode = EXCLUDED.postcode,
                town = EXCLUDED.town, country = EXCLUDED.country, version = kept.version + 1, changed_at = now()
            WHERE kept.version = \(version)
            """) == 1
    }
}
