import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// What to do with a file some rows of which are bad.
enum ImportMode: String, CaseIterable, Sendable {
    /// Say what would happen and change nothing.
    case dryRun = "dry-run"
    case allOrNothing = "all-or-nothing"
    /// Take the invoices without a bad row.
    case keepGood = "keep-good"
}

/// What an import did, or would do.
struct ImportReport: Codable, Sendable {
    struct Problem: Codable, Sendable {
        let line: Int
        let column: String
        let reason: String
        let remedy: String
    }

    let mode: String
    /// Invoices in the file without a bad row.
    let readable: Int
    /// Issued by this import.
    let imported: Int
    /// In the books already from an earlier import.
    let alreadyThere: Int
    let problems: [Problem]
}

/// Takes in the invoices of a practice-management export; the same file twice changes nothing.
struct ImportInvoices {
    let database: Database
    let keepClient: KeepClient
    let write: WriteInvoice
    let imports = ImportStore()

    func run(_ text: String, _ mode: ImportMode, because cause: Cause) async throws -> ImportReport {
        let clinics = try await database.read(organisation: cause.organisation) { transaction in
            try OrganisationStore().clinics(of: cause.organisation, in: &transaction)
        }
        let ids = Dictionary(uniqueKeysWithValues: clinics.map { ($0.code, $0.id) })
        let export = PracticeExport(text, clinicCodes: Set(ids.keys))
        var imported = 0, alreadyThere = 0
        if mode == .keepGood || (mode == .allOrNothing && export.problems.isEmpty) {
            for invoice in export.invoices {
                guard let clinic = ids[invoice.clinicCode] else { continue }
                if try await take(invoice, at: clinic, because: cause) { imported += 1 } else { alreadyThere += 1 }
            }
        }
        return ImportReport(
            mode: mode.rawValue, readable: export.invoices.count, imported: imported, alreadyThere: alreadyThere,
            problems: export.problems.map {
                ImportReport.Problem(line: $0.line, column: $0.column, reason: $0.reason, remedy: $0.remedy)
            })
    }

    /// Each invoice is a transaction of its own, so that a series is never locked for a whole file; false: known.
    private func take(_ invoice: ImportedInvoice, at clinic: ClinicID, because cause: Cause) async throws -> Bool {
        let item = Cause(
            .job(name: "invoice-import", run: invoice.reference), organisation: cause.organisation, actor: cause.actor,
            correlation: cause.correlation, traceparent: cause.traceparent)
        let id: InvoiceID = write.ids.make()
        let applied = try await database.change(because: item) { change in
            guard try !imports.knows(invoice.reference, in: &change) else { return false }
            let client = try client(invoice.client, at: clinic, in: &change)
            let draft = InvoiceDraft(
                client: client, clinic: clinic, currency: .eur, lines: invoice.lines, dueOn: invoice.dueOn,
                reference: invoice.reference)
            _ = try write.write(draft, as: id, issuedOn: invoice.issuedOn, in: &change)
            return true
        }
        return applied.answer && !applied.replayed
    }

    private func client(_ told: ImportedClient, at clinic: ClinicID, in change: inout Change) throws -> ClientID {
        let known = try keepClient.clients.find(reference: told.reference, phone: told.phone, in: &change)
        if let known { return known.id }
        let details = ClientDetails(
            lastName: told.lastName, firstName: told.firstName, phone: told.phone, email: told.email,
            language: told.language, town: told.town, country: "FR", reference: told.reference)
        let client = ClientRecord(id: keepClient.ids.make(), clinic: clinic, details: details)
        try keepClient.insert(client, in: &change)
        return client.id
    }
}
