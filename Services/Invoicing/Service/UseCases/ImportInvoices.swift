import HTTPServer
import InvoicingDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// What to do with a file some rows of which are bad.
enum ImportMode: String, CaseIterable, Sendable {
    /// Say what would happen and change nothing.
    case dryRun = "dry-run"
    /// Take the file if nothing is wrong with any row of it.
    ///
    /// Everything is checked before the first invoice is taken in. It is not one transaction, which would keep the
    /// clinic's desk from issuing meanwhile: what an outage cuts short is finished by sending the file again.
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
    let reading: BlockingWork
    let imports = ImportStore()

    /// `clinics` are those the caller acts for; a row for another one is a problem.
    func run(
        _ text: String, _ mode: ImportMode, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> ImportReport {
        // Refuses the key when it was used for another file, before anything of this one is taken in.
        try await database.change(because: cause) { _ in }
        let file = try await sort(text, for: clinics, of: cause.organisation)
        var imported = 0, overtaken = 0
        if mode == .keepGood || (mode == .allOrNothing && file.problems.isEmpty) {
            for (invoice, clinic) in file.fresh {
                if try await take(invoice, at: clinic, because: cause) { imported += 1 } else { overtaken += 1 }
            }
        }
        let report = ImportReport(
            mode: mode.rawValue, readable: file.readable, imported: imported,
            alreadyThere: file.alreadyThere + overtaken,
            problems: file.problems.map {
                ImportReport.Problem(line: $0.line, column: $0.column, reason: $0.reason, remedy: $0.remedy)
            })
        // Each invoice is known by its reference, so a retry of a lost request goes on where it was; once there is a
        // report, it stays the answer.
        let told = Cause(
            .job(name: "invoice-import-report", run: cause.requestKey), organisation: cause.organisation,
            actor: cause.actor, correlation: cause.correlation, traceparent: cause.traceparent)
        return try await database.change(because: told) { _ in report }.answer
    }

    /// What is in a file, set against what is in the books.
    private struct SortedFile {
        var readable = 0
        var fresh: [(ImportedInvoice, ClinicID)] = []
        var alreadyThere = 0
        var problems: [RowProblem] = []
    }

    private func sort(
        _ text: String, for access: ClinicAccess, of organisation: OrganisationID
    ) async throws -> SortedFile {
        let clinics = try await database.read(organisation: organisation) { transaction in
            try OrganisationStore().clinics(of: organisation, in: &transaction)
        }
        let mine = clinics.filter { access.includes($0.id) }
        let ids = Dictionary(mine.map { ($0.code, $0.id) }) { first, _ in first }
        let codes = Set(ids.keys)
        let export = try await reading.run { PracticeExport(text, clinicCodes: codes) }
        let known = try await database.read(organisation: organisation) { transaction in
            try imports.known(export.invoices.map(\.reference), of: organisation, in: &transaction)
        }
        var file = SortedFile(readable: export.invoices.count, problems: export.problems)
        for invoice in export.invoices {
            guard let clinic = ids[invoice.clinicCode] else { continue }
            if let there = known[invoice.reference] {
                if try there.agrees(with: invoice, at: clinic) {
                    file.alreadyThere += 1
                } else {
                    file.problems.append(.differs(invoice))
                }
            } else {
                file.fresh.append((invoice, clinic))
            }
        }
        return file
    }
}

// MARK: One invoice

extension ImportInvoices {
    /// Each invoice is a transaction of its own, so that a series is never locked for a whole file; false: known.
    private func take(_ invoice: ImportedInvoice, at clinic: ClinicID, because cause: Cause) async throws -> Bool {
        do {
            return try await takeOnce(invoice, at: clinic, because: cause)
        } catch let error as PostgresError
            where error.isUniqueViolation(of: "client_phone_once")
            || error.isUniqueViolation(of: "client_reference_once")
        {
            // Another import brought the client a moment ago; now it is found.
            return try await takeOnce(invoice, at: clinic, because: cause)
        }
    }

    private func takeOnce(_ invoice: ImportedInvoice, at clinic: ClinicID, because cause: Cause) async throws -> Bool {
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

extension KnownInvoice {
    /// Whether an export tells the same invoice; one that says something else would be lost without a word.
    fileprivate func agrees(with told: ImportedInvoice, at clinic: ClinicID) throws -> Bool {
        try self.clinic == clinic && issuedOn == told.issuedOn && dueOn == told.dueOn
            && total == told.total(in: total.currency)
    }
}

extension RowProblem {
    fileprivate static func differs(_ invoice: ImportedInvoice) -> RowProblem {
        RowProblem(
            line: invoice.fileLine, column: "invoice_ref",
            reason: "\(invoice.reference) is in the books with another clinic, dates or total.",
            remedy: "Leave it out, or give it another reference if it is another invoice.")
    }
}

extension Cause {
    fileprivate var requestKey: String {
        switch kind {
        case .request(let key, _): key
        case .job(let name, let run): "\(name) \(run)"
        case .message(let event, let consumer): "\(consumer) \(event)"
        case .step(let name, let work): "\(name) \(work)"
        }
    }
}
