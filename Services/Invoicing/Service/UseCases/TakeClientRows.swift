import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes in the clients of a file; whom the books know already stays as it is there (INV-1).
struct TakeClientRows: Sendable {
    let keep: KeepClient
    let billing = BillingStore()
    private var audit: AuditStore { AuditStore(ids: keep.ids) }

    /// Answers what became, or would become, of each row; `earlier` are those that a dry run would have brought.
    func run(
        _ people: [ImportedPerson], after earlier: [ImportedPerson], at clinics: ImportClinics, isTrial: Bool,
        in change: inout Change
    ) throws -> [RowOutcome] {
        var seen = Dictionary(earlier.map { ($0.reference, NamedPerson($0)) }) { first, _ in first }
        return try people.map { told in
            let became = try outcome(of: told, after: seen[told.reference], at: clinics, isTrial: isTrial, in: &change)
            if became.kind != .refused { seen[told.reference] = NamedPerson(told) }
            return became
        }
    }

    private func outcome(
        of told: ImportedPerson, after first: NamedPerson?, at clinics: ImportClinics, isTrial: Bool,
        in change: inout Change
    ) throws -> RowOutcome {
        let person = NamedPerson(told)
        if let first {
            return first == person ? .took(told.line, isNew: false) : .refused(told.line, .otherClient(at: told.line))
        }
        let known = try keep.clients.find(reference: told.reference, phone: told.phone, in: &change)
        guard let known else {
            if let day = try keep.clients.erasure(of: told.reference, in: &change) {
                return .refused(told.line, .ofForgotten(since: day, at: told.line))
            }
            if !isTrial { try insert(told, at: clinics, in: &change) }
            return .took(told.line, isNew: true)
        }
        guard NamedPerson(known.details).isSame(as: person) else {
            return .refused(told.line, .otherClient(at: told.line))
        }
        if !isTrial, known.details.reference == nil { try adopt(told.reference, by: known, in: &change) }
        return .took(told.line, isNew: false)
    }

    private func insert(_ told: ImportedPerson, at clinics: ImportClinics, in change: inout Change) throws {
        guard let clinic = clinics.ids[told.clinicCode] else { preconditionFailure("read at a clinic that is there") }
        let client = ClientRecord(id: keep.ids.make(), clinic: clinic, details: ClientDetails(told))
        try keep.insert(client, in: &change)
        let details = BillingDetails(told)
        guard details != .none, try billing.put(details, of: client.id, over: 0, in: &change) else { return }
        try audit.record(
            "billing-details-changed", about: client.id, before: nil as BillingAnswer?,
            after: BillingAnswer(details, of: client.id, version: 1), in: &change)
    }

    /// A client known by phone and name only is found by the practice's reference from now on.
    private func adopt(_ reference: String, by known: ClientRecord, in change: inout Change) throws {
        var client = known
        client.details.reference = reference
        client.version += 1
        try keep.clients.update(client.id, to: client.details, in: &change)
        change.announce(client)
        try audit.record(
            "client-changed", about: client.id, before: ClientAnswer(known), after: ClientAnswer(client), in: &change)
    }
}

extension ClientDetails {
    fileprivate init(_ told: ImportedPerson) {
        self.init(
            lastName: told.lastName, firstName: told.firstName, phone: told.phone, email: told.email,
            language: told.language, town: told.town, country: told.country, reference: told.reference)
    }
}

extension BillingDetails {
    fileprivate init(_ told: ImportedPerson) {
        self.init(
            company: told.company, siren: told.siren, vatNumber: told.vatNumber, street: told.street,
            postcode: told.postcode)
    }
}
