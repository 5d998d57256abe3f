import PaymentModel
import PostgresClient
import TransactionalMessaging

/// How a client who is forgotten was reached, and those that became it before they did (GEN-7).
struct ForgottenReach {
    /// In every way in which they may be kept.
    let phones: [String]
    /// In small letters.
    let emails: [String]

    /// What a client had who is another one by now is in the trail alone; a number that changed hands since is not its.
    init(
        of clients: [ClientID], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws {
        let told = try transaction.query(
            """
            SELECT phone, lower(email) AS email FROM client WHERE id = ANY(\(clients))
            UNION ALL
            SELECT CASE WHEN NOT EXISTS (
                    SELECT FROM client AS other
                    WHERE other.organisation = \(organisation) AND other.phone = gone.phone
                        AND other.id <> ALL(\(clients)))
                THEN gone.phone END, lower(gone.email)
            FROM audit_entry, jsonb_to_record(before::jsonb) AS gone (phone text, email text)
            WHERE organisation = \(organisation) AND subject = ANY(\(clients)) AND action = 'client-merged-away'
            """
        ) { row in (phone: try row("phone") as String?, email: try row("email") as String?) }
        phones = told.compactMap(\.phone).flatMap { Phone(e164: $0)?.waysKept ?? [$0] }
        emails = told.compactMap(\.email)
    }
}
