import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Records what a client owes without an invoice, and corrects it while nothing was paid on it (INV-8).
struct KeepReceivable {
    let database: Database
    let ids: IdentifierSource
    let audit: AuditStore
    let receivables = ReceivableStore()
    let clients = ClientStore()
    let organisations = OrganisationStore()

    func record(
        _ terms: ReceivableTerms, of client: ClientID, at clinic: ClinicID, on day: LocalDate, because cause: Cause
    ) async throws -> Applied<ReceivableAnswer> {
        let id: ReceivableID = ids.make()
        return try await database.change(because: cause) { change in
            guard try organisations.hasClinic(clinic, in: &change) else { throw NotFound.clinic(clinic) }
            try organisations.admit(day, as: "/recordedOn", at: clinic, in: &change)
            return try record(Told(terms: terms, reference: nil, on: day), of: client, at: clinic, as: id, in: &change)
        }
    }

    /// What somebody, or a file, says is owed, and since when.
    struct Told: Sendable {
        let terms: ReceivableTerms
        /// In the practice's own software.
        let reference: String?
        let on: LocalDate
    }

    func record(
        _ told: Told, of client: ClientID, at clinic: ClinicID, as id: ReceivableID, in change: inout Change
    ) throws -> ReceivableAnswer {
        guard try clients.has(client, in: &change) else { throw NotFound.client(client) }
        try Receivable.check(told.terms, recordedOn: told.on)
        let nothing = Money.zero(told.terms.amount.currency)
        let receivable = Receivable(
            id: id, clinic: clinic, client: client, recordedOn: told.on, terms: told.terms, paid: nothing,
            credited: nothing, writtenOff: nothing)
        try receivables.insert(receivable, reference: told.reference, in: &change)
        change.announce(.recorded, about: receivable)
        let answer = ReceivableAnswer(ReceivableRecord(receivable: receivable))
        try audit.record("receivable-recorded", about: id, before: nil as ReceivableAnswer?, after: answer, in: &change)
        return answer
    }

    func correct(
        _ id: ReceivableID, to terms: ReceivableTerms, seen version: Int64, for clinics: ClinicAccess,
        because cause: Cause
    ) async throws -> Applied<ReceivableAnswer> {
        try await database.change(because: cause) { change in
            guard var record = try receivables.lock(id, in: &change), clinics.includes(record.receivable.clinic) else {
                throw NotFound.receivable(id)
            }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            let before = ReceivableAnswer(record)
            let fact = try record.receivable.correct(to: terms)
            try receivables.save(record.receivable, in: &change)
            record.version += 1
            change.announce(fact, about: record.receivable)
            let answer = ReceivableAnswer(record)
            try audit.record("receivable-corrected", about: id, before: before, after: answer, in: &change)
            return answer
        }
    }
}
