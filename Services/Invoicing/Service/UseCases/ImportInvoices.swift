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
    /// Take the file if nothing is wrong with any row of it, in one transaction: all of it is there, or nothing.
    ///
    /// The series of its clinics are locked while it issues, which it does last.
    case allOrNothing = "all-or-nothing"
    /// Take the invoices without a bad row.
    case keepGood = "keep-good"
}

/// What an import did, or would do.
struct ImportReport: Codable, Sendable {
    struct Problem: Codable, Sendable {
        let line: Int
        let column: String
        let reason: Sentence
        let remedy: Sentence
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

    /// Under this its reports are kept for those who ask again.
    static let reportJob = "invoice-import-report"

    /// `clinics` are those the caller acts for; a row for another one is a problem.
    func run(
        _ text: String, _ mode: ImportMode, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> ImportReport {
        let export = try await read(text, for: clinics, of: cause.organisation)
        if mode == .allOrNothing { return try await takeWhole(export, because: cause) }
        // Refuses the key when it was used for another file, before anything of this one is taken in.
        try await database.change(because: cause) { _ in }
        let file = try await database.read(organisation: cause.organisation) { transaction in
            try sort(export, of: cause.organisation, in: &transaction)
        }
        let report =
            if mode == .keepGood {
                try await takeGood(file, because: cause)
            } else {
                ImportReport(mode, of: file, imported: 0)
            }
        // Each invoice is known by its reference, so a retry of a lost request goes on where it was; once there is a
        // report, it stays the answer.
        let told = Cause(
            .job(name: Self.reportJob, run: cause.requestKey), organisation: cause.organisation,
            actor: cause.actor, correlation: cause.correlation, traceparent: cause.traceparent)
        return try await database.change(because: told) { _ in report }.answer
    }

    /// In the order of their days, as their numbers are; what another import or a person has changed since the file
    /// was sorted is found where the row is saved.
    private func takeGood(_ sorted: SortedFile, because cause: Cause) async throws -> ImportReport {
        var (file, imported, overtaken) = (sorted, 0, 0)
        for invoice in file.fresh.sorted(by: { $0.told.issuedOn < $1.told.issuedOn }) {
            do {
                if try await take(invoice, because: cause) { imported += 1 } else { overtaken += 1 }
            } catch let refused as RowRefused {
                file.problems.append(refused.problem)
            }
        }
        return ImportReport(.keepGood, of: file, imported: imported, overtaken: overtaken)
    }

    private func read(
        _ text: String, for access: ClinicAccess, of organisation: OrganisationID
    ) async throws -> ReadFile {
        let clinics = try await database.read(organisation: organisation) { transaction in
            try ImportClinics(of: organisation, for: access, in: &transaction)
        }
        return ReadFile(
            export: try await reading.run { PracticeExport(text, at: clinics.places) }, clinics: clinics.ids)
    }

    func sort(
        _ read: ReadFile, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> SortedFile {
        let export = read.export
        let references = export.invoices.map(\.reference)
        let known = try imports.known(references, of: organisation, in: &transaction)
        let items = try imports.items(references, of: organisation, in: &transaction)
        let days = try SeriesStore().openDays(of: organisation, in: &transaction)
        let rule = VATRule(of: try write.sellers.find(of: organisation, in: &transaction)?.seller)
        var file = SortedFile(readable: export.invoices.count, problems: export.problems)
        var people = ToldClients()
        for invoice in export.invoices {
            guard let clinic = read.clinics[invoice.clinicCode] else { continue }
            if let there = known[invoice.reference] {
                if try there.agrees(with: invoice, at: clinic) {
                    file.alreadyThere += 1
                } else {
                    file.problems.append(.differs(invoice))
                }
                continue
            }
            let told = invoice.client
            let isTold = people.know(told)
            let kept =
                isTold
                ? nil
                : try keepClient.clients.find(
                    reference: told.reference, phone: told.phone, of: organisation, in: &transaction)
            let erasedOn =
                isTold || kept != nil
                ? nil : try keepClient.clients.erasure(of: told.reference, in: organisation, &transaction)
            if items.contains(invoice.reference) {
                file.problems.append(.isItem(invoice))
            } else if let erasedOn {
                file.problems.append(.ofForgotten(since: erasedOn, at: invoice.fileLine))
            } else if let refusal = days.refusal(of: invoice.issuedOn, at: clinic) {
                file.problems.append(invoice.problem(of: refusal))
            } else if let refusal = invoice.problem(by: rule) {
                file.problems.append(refusal)
            } else if people.admit(told, kept) {
                file.fresh.append(FreshInvoice(told: invoice, clinic: clinic))
            } else {
                file.problems.append(.otherClient(invoice))
            }
        }
        return file
    }
}

/// Somebody as a file or the books name them.
struct NamedPerson: Hashable {
    let reference: String?
    let name: String

    init(_ told: ImportedClient) {
        self.init(reference: told.reference, lastName: told.lastName, firstName: told.firstName)
    }

    init(_ told: ImportedPerson) {
        self.init(reference: told.reference, lastName: told.lastName, firstName: told.firstName)
    }

    init(_ kept: ClientDetails) {
        self.init(reference: kept.reference, lastName: kept.lastName, firstName: kept.firstName)
    }

    private init(reference: String?, lastName: String, firstName: String) {
        self.reference = reference
        name = "\(lastName) \(firstName)".lowercased()
    }

    /// A client that has no reference yet is known by phone and name.
    func isSame(as told: NamedPerson) -> Bool {
        name == told.name && (reference == nil || reference == told.reference)
    }
}

/// A row is refused where it would be saved: the books have changed since the file was sorted.
struct RowRefused: Error {
    let problem: RowProblem
}

/// The clients of a file: a reference or a phone that stands for somebody else must not send the bill there.
private struct ToldClients {
    private var byReference: [String: NamedPerson] = [:]
    private var byPhone: [Phone: NamedPerson] = [:]

    func know(_ told: ImportedClient) -> Bool { byReference[told.reference] != nil || byPhone[told.phone] != nil }

    /// False when the books, where they `kept` one, or earlier rows know another person by this reference or phone.
    mutating func admit(_ told: ImportedClient, _ kept: ClientRecord?) -> Bool {
        let person = NamedPerson(told)
        if let known = byReference[told.reference] ?? byPhone[told.phone] { return known.isSame(as: person) }
        if let kept, !NamedPerson(kept.details).isSame(as: person) { return false }
        byReference[told.reference] = person
        byPhone[told.phone] = person
        return true
    }
}

/// A file that was read, and the clinics its rows may be of.
struct ReadFile: Sendable {
    let export: PracticeExport
    let clinics: [String: ClinicID]
}

/// What is in a file, set against what is in the books.
struct SortedFile: Sendable {
    var readable = 0
    var fresh: [FreshInvoice] = []
    var alreadyThere = 0
    var problems: [RowProblem] = []
}

/// An invoice of a file that is not in the books.
struct FreshInvoice: Sendable {
    let told: ImportedInvoice
    let clinic: ClinicID
}

extension ImportReport {
    fileprivate init(_ mode: ImportMode, of file: SortedFile, imported: Int, overtaken: Int = 0) {
        self.init(
            mode: mode.rawValue, readable: file.readable, imported: imported,
            alreadyThere: file.alreadyThere + overtaken,
            problems: file.problems.map {
                Problem(line: $0.line, column: $0.column, reason: $0.reason, remedy: $0.remedy)
            })
    }
}

// MARK: The whole file

extension ImportInvoices {
    private func takeWhole(_ read: ReadFile, because cause: Cause) async throws -> ImportReport {
        do {
            return try await takeAtOnce(read, because: cause)
        } catch let refused as RowRefused {
            // Found only where the row is saved; nothing of the file is.
            let file = SortedFile(readable: read.export.invoices.count, problems: [refused.problem])
            return ImportReport(.allOrNothing, of: file, imported: 0)
        }
    }

    private func takeAtOnce(_ read: ReadFile, because cause: Cause) async throws -> ImportReport {
        try await onceMoreWhenOvertaken {
            try await database.change(because: cause) { change in
                try imports.awaitTurn(in: &change)
                imports.keepOutItems(in: &change)
                let file = try sort(read, of: change.cause.organisation, in: &change.transaction)
                guard file.problems.isEmpty else { return ImportReport(.allOrNothing, of: file, imported: 0) }
                // Clients before series, as whoever writes one invoice locks them; both in one order for everybody.
                var drafts: [(record: InvoiceRecord, told: ImportedInvoice)] = []
                for fresh in file.fresh.sorted(by: { $0.told.client.reference < $1.told.client.reference }) {
                    drafts.append((try draft(fresh, in: &change), fresh.told))
                }
                drafts.sort {
                    ($0.record.invoice.clinic, $0.told.issuedOn) < ($1.record.invoice.clinic, $1.told.issuedOn)
                }
                let rule = try write.sellers.vatRule(in: &change)
                for var draft in drafts { try issue(&draft.record, draft.told, by: rule, in: &change) }
                return ImportReport(.allOrNothing, of: file, imported: drafts.count)
            }.answer
        }
    }
}

// MARK: One invoice

extension ImportInvoices {
    /// Each invoice is a transaction of its own, so that a series is never locked for a whole file; false: known.
    func take(
        _ fresh: FreshInvoice, because cause: Cause,
        noting note: @escaping @Sendable (inout Change) throws -> Void = { _ in }
    ) async throws -> Bool {
        let item = Cause(
            .job(name: "invoice-import", run: fresh.told.reference), organisation: cause.organisation,
            actor: cause.actor, correlation: cause.correlation, traceparent: cause.traceparent)
        return try await onceMoreWhenOvertaken {
            let applied = try await database.change(because: item) { change in
                imports.keepOutItems(in: &change)
                switch try imports.holder(of: fresh.told.reference, in: &change) {
                case .invoice: return false
                case .item: throw RowRefused(problem: .isItem(fresh.told))
                case nil: break
                }
                var record = try draft(fresh, in: &change)
                let rule = try write.sellers.vatRule(in: &change)
                try issue(&record, fresh.told, by: rule, in: &change)
                try note(&change)
                return true
            }
            return applied.answer && !applied.replayed
        }
    }

    /// Another import may have brought a client or an invoice a moment ago; then it is found at the second try.
    private func onceMoreWhenOvertaken<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let error as PostgresError
            where ["client_phone_once", "client_reference_once", "invoice_reference_once"].contains(
                where: error.isUniqueViolation)
        {
            return try await body()
        } catch is RowRefused {
            return try await body()
        }
    }

    private func issue(
        _ record: inout InvoiceRecord, _ told: ImportedInvoice, by rule: VATRule, in change: inout Change
    ) throws {
        if let problem = told.problem(by: rule) { throw RowRefused(problem: problem) }
        do {
            try write.issue(&record, on: .imported(told.issuedOn), in: &change)
            try write.note("invoice-imported", record, in: &change)
        } catch let rejection as InvoiceRejection {
            throw RowRefused(problem: told.problem(of: rejection))
        }
    }

    private func draft(_ fresh: FreshInvoice, in change: inout Change) throws -> InvoiceRecord {
        let told = fresh.told
        let draft = InvoiceDraft(
            client: try client(of: told, at: fresh.clinic, in: &change), clinic: fresh.clinic,
            content: DocumentContent(currency: .eur, lines: told.lines), dueOn: told.dueOn, reference: told.reference)
        return try write.write(draft, as: write.ids.make(), issuedOn: nil, in: &change)
    }

    /// Another import may have brought somebody by the same reference or phone since the file was sorted.
    private func client(of invoice: ImportedInvoice, at clinic: ClinicID, in change: inout Change) throws -> ClientID {
        let told = invoice.client
        let known = try keepClient.clients.find(reference: told.reference, phone: told.phone, in: &change)
        if let known {
            guard NamedPerson(known.details).isSame(as: NamedPerson(told)) else {
                throw RowRefused(problem: .otherClient(invoice))
            }
            return known.id
        }
        if let day = try keepClient.clients.erasure(of: told.reference, in: &change) {
            throw RowRefused(problem: .ofForgotten(since: day, at: invoice.fileLine))
        }
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

    fileprivate static func isItem(_ invoice: ImportedInvoice) -> RowProblem {
        RowProblem(
            line: invoice.fileLine, column: "invoice_ref",
            reason: "\(invoice.reference) is in the books as an open item.",
            remedy: "Leave it out: it would be owed twice.")
    }

    fileprivate static func otherClient(_ invoice: ImportedInvoice) -> RowProblem { otherClient(at: invoice.fileLine) }

    static func otherClient(at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "client_ref",
            reason: "The client's reference or phone is another person's.",
            remedy: "Correct the name, reference or phone, here or in the books; nobody is billed for somebody else.")
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
