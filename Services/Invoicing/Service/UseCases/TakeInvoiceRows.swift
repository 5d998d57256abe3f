import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes in the invoices of a file, each in a transaction of its own (INV-4).
struct TakeInvoiceRows: Sendable {
    let database: Database
    let imports: ImportInvoices
    let rows = ImportRowStore()

    /// Rows of whole documents, and the fields of each in the order of the format's columns.
    typealias Told = (record: SeparatedValues.Record, document: String)

    /// Where it `isLast`, an invoice that cannot be taken in is refused.
    ///
    /// Answers what became, or would become, of each row whose outcome was not saved with its invoice.
    func run(
        _ told: [Told], of file: ImportFile, isLast: Bool, at clinics: ImportClinics, because cause: Cause
    ) async throws -> [RowOutcome] {
        let export = PracticeExport(told.map(\.record), at: clinics.places, problemsMax: .max)
        let read = ReadFile(export: export, clinics: clinics.ids)
        let sorted = try await database.read(organisation: file.organisation) { transaction in
            try imports.sort(read, of: file.organisation, in: &transaction)
        }
        var (problems, added) = (sorted.problems, Set<String>())
        let lines = Dictionary(grouping: told, by: \.document).mapValues { $0.map(\.record.line) }
        for invoice in sorted.fresh.sorted(by: { $0.told.issuedOn < $1.told.issuedOn }) {
            guard file.mode != .dryRun else {
                added.insert(invoice.told.reference)
                continue
            }
            do {
                let isNew = try await imports.take(invoice, because: cause) { change in
                    try rows.saveAdded(lines[invoice.told.reference] ?? [], of: file, in: &change)
                }
                if isNew { added.insert(invoice.told.reference) }
            } catch let refused as RowRefused {
                problems.append(refused.problem)
            } catch  where isLast && error.isOfTheRow {
                problems.append(.failed(at: invoice.told.fileLine))
            }
        }
        return outcomes(of: told, problems, added: added, isTrial: file.mode == .dryRun)
    }

    /// A document is refused as a whole, its other rows because of the one that is bad.
    private func outcomes(
        of told: [Told], _ problems: [RowProblem], added: Set<String>, isTrial: Bool
    ) -> [RowOutcome] {
        let byLine = Dictionary(problems.map { ($0.line, $0) }) { first, _ in first }
        var spoilt: [String: RowProblem] = [:]
        for row in told { if let problem = byLine[row.record.line] { spoilt[row.document] = problem } }
        return told.compactMap { row in
            let line = row.record.line
            if let problem = byLine[line] { return .refused(line, problem) }
            if let other = spoilt[row.document] { return .refused(line, .otherRow(line, other)) }
            let isNew = added.contains(row.document)
            // What was really added has its outcome already, from the transaction that added it.
            return isNew && !isTrial ? nil : .took(line, isNew: isNew)
        }
    }
}

extension RowProblem {
    fileprivate static func otherRow(_ line: Int, _ bad: RowProblem) -> RowProblem {
        RowProblem(
            line: line, column: "", reason: "Line \(bad.line) of the same document is refused.",
            remedy: "Correct that one; a document is taken in as a whole.", isOfForgotten: bad.isOfForgotten)
    }
}
