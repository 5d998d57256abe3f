import PaymentModel
import PostgresClient
import TransactionalMessaging

/// How a client who is forgotten was reached, and those that became it before they did (GEN-7).
struct ForgottenReach {
    /// In every way in which they may be kept.
    let phones: [String]
    /// Those of them that are no other client's by now: such a one says alone whom something tells of.
    let ownPhones: [String]
    /// In small letters.
    let emails: [String]

    /// What a client had who is another one by now is in the trail alone, as it was kept then.
    init(
        of clients: [ClientID], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws {
        let told = try transaction.query(
            """
            SELECT phone, lower(email) AS email FROM client WHERE id = ANY(\(clients))
            UNION ALL
            SELECT gone.phone, lower(gone.email)
            FROM audit_entry, jsonb_to_record(before::jsonb) AS gone (phone text, email text)
            WHERE organisation = \(organisation) AND subject = ANY(\(clients)) AND action = 'client-merged-away'
            """
        ) { row in (phone: try row("phone") as String?, email: try row("email") as String?) }
        let phones = Self.ways(of: told.compactMap(\.phone))
        let others = try transaction.query(
            """
            SELECT phone FROM client
            WHERE organisation = \(organisation) AND phone = ANY(\(phones)) AND id <> ALL(\(clients))
            """
        ) { row in try row("phone") as String }
        // Two clients may have one number, each in one way.
        let taken = Set(Self.ways(of: others))
        self.phones = phones
        ownPhones = phones.filter { !taken.contains($0) }
        emails = told.compactMap(\.email)
    }

    private static func ways(of phones: [String]) -> [String] {
        phones.flatMap { Phone(e164: $0)?.waysKept ?? [$0] }
    }
}
