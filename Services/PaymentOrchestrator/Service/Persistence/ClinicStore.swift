import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// A clinic as this service needs it.
struct ClinicRecord: Sendable, Hashable {
    let id: ClinicID
    let organisation: OrganisationID
    var name: String
    var own: OwnContacts
    /// `nil` where it is the service's.
    var timeZone: String?
}

/// The clinics, as this service needs them.
struct ClinicStore: Sendable {
    /// Keeps a clinic, new or changed.
    func save(_ clinic: ClinicRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (organisation, id, name, own_phones, own_emails, own_addresses, time_zone, version)
            VALUES (\(clinic.organisation), \(clinic.id), \(clinic.name), \(clinic.own.phones.map(\.e164)),
                \(clinic.own.emails.map(\.text)), \(clinic.own.addresses), \(clinic.timeZone), 1)
            ON CONFLICT (organisation, id) DO UPDATE SET name = excluded.name, own_phones = excluded.own_phones,
                own_emails = excluded.own_emails, own_addresses = excluded.own_addresses, time_zone = excluded.time_zone,
                version = clinic.version + 1
            """)
    }

    /// Makes a clinic the organisation's; false when it is another's.
    func claim(_ clinic: ClinicID, in change: inout Change) throws -> Bool {
        let organisation = change.cause.organisation
        try change.execute(
            """
            INSERT INTO clinic_owner (clinic, organisation) VALUES (\(clinic), \(organisation)) ON CONFLICT DO NOTHING
            """)
        let own: Bool? = try change.first(
            "SELECT true AS own FROM clinic_owner WHERE clinic = \(clinic) AND organisation = \(organisation)"
        ) { row in try row("own") }
        return own ?? false
    }

    /// Reads a clinic; `nil` when this organisation has not described it.
    func find(_ id: ClinicID, of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws
        -> ClinicRecord?
    {
        try transaction.read(finding(id, of: organisation))
    }

    /// The same as a part of what is read together.
    func finding(_ id: ClinicID, of organisation: OrganisationID) -> Query<ClinicRecord?> {
        .first("SELECT * FROM clinic WHERE organisation = \(organisation) AND id = \(id)", clinic)
    }

    /// All clinics an organisation has described.
    func all(of organisation: OrganisationID) -> Query<[ClinicRecord]> {
        .all("SELECT * FROM clinic WHERE organisation = \(organisation)", clinic)
    }

    /// The name of the clinic a payment was asked for at; empty where nobody has described it.
    func name(ofPayment condition: SQL) -> Query<String?> {
        .first(
            """
            SELECT clinic.name FROM payment
                JOIN clinic ON clinic.organisation = payment.organisation AND clinic.id = payment.clinic
            WHERE \(condition)
            """
        ) { row in try row("name") }
    }

    private func clinic(_ row: Row) throws -> ClinicRecord {
        let (phones, emails): ([String], [String]) = (try row("own_phones"), try row("own_emails"))
        return ClinicRecord(
            id: try row("id"), organisation: try row("organisation"), name: try row("name"),
            own: OwnContacts(
                phones: phones.compactMap(Phone.init(e164:)), emails: emails.compactMap(EmailAddress.init),
                addresses: try row("own_addresses")), timeZone: try row("time_zone"))
    }
}
