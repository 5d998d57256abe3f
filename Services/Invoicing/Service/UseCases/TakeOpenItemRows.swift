import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes in what is still owed for documents of another software, as receivables that are called as those were (INV-8).
///
/// They are not issued again: a second number for the same service would be a second invoice.
struct TakeOpenItemRows: Sendable {
    let keep: KeepReceivable
    let imports = ImportStore()

    /// Answers what became, or would become, of each row; `earlier` are those that a dry run would have brought.
    func run(
        _ items: [ImportedItem], after earlier: [ImportedItem], at clinics: ImportClinics, isTrial: Bool,
        in change: inout Change
    ) throws -> [RowOutcome] {
        imports.keepOutInvoices(in: &change)
        let billed = try imports.known(
            items.map(\.reference), of: change.cause.organisation, in: &change.transaction)
        var seen = Dictionary(earlier.map { ($0.reference, $0) }) { first, _ in first }
        return try items.map { told in
            if let first = seen[told.reference] {
                return first.isSame(as: told)
                    ? .took(told.line, isNew: false) : .refused(told.line, .differs(told))
            }
            guard billed[told.reference] == nil else { return .refused(told.line, .isInvoice(told)) }
            let became = try outcome(of: told, at: clinics, isTrial: isTrial, in: &change)
            if became.kind != .refused { seen[told.reference] = told }
            return became
        }
    }

    private func outcome(
        of told: ImportedItem, at clinics: ImportClinics, isTrial: Bool, in change: inout Change
    ) throws -> RowOutcome {
        let client = try keep.clients.find(told.whose, in: &change)
        if let known = try imports.item(told.reference, in: &change) {
            let clinic = clinics.ids[told.clinicCode]
            return known.isSame(told.due, of: client?.id, at: clinic, on: told.issuedOn)
                ? .took(told.line, isNew: false) : .refused(told.line, .differs(told))
        }
        guard let client else {
            return .refused(told.line, try keep.clients.absence(of: told.whose, at: told.line, in: &change))
        }
        if let early = clinics.refusal(of: told.issuedOn, "issued_on", at: told.clinicCode, line: told.line) {
            return .refused(told.line, early)
        }
        if !isTrial { try record(told, of: client.id, at: clinics, in: &change) }
        return .took(told.line, isNew: true)
    }

    private func record(
        _ told: ImportedItem, of client: ClientID, at clinics: ImportClinics, in change: inout Change
    ) throws {
        guard let clinic = clinics.ids[told.clinicCode] else { preconditionFailure("read at a clinic that is there") }
        let terms = ReceivableTerms(label: told.label, amount: told.due, dueOn: told.dueOn)
        _ = try keep.record(
            KeepReceivable.Told(terms: terms, reference: told.reference, on: told.issuedOn), of: client, at: clinic,
            as: keep.ids.make(), in: &change)
    }
}

extension ClientStore {
    /// The client a row names by reference or phone; the reference counts where it gives both.
    func find(_ whose: ImportedWhose, in change: inout Change) throws -> ClientRecord? {
        if let reference = whose.reference { return try find(reference: reference, phone: nil, in: &change) }
        return try find(reference: nil, phone: whose.phone, in: &change)
    }

    /// Why nobody is found by what a row says.
    func absence(of whose: ImportedWhose, at line: Int, in change: inout Change) throws -> RowProblem {
        guard let reference = whose.reference, let day = try erasure(of: reference, in: &change) else {
            return .noClient(at: line)
        }
        return .ofForgotten(since: day, at: line)
    }
}

extension RowProblem {
    /// Nobody is made anew by an old list.
    static func ofForgotten(since day: LocalDate, at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "client_ref", reason: "The client asked to be forgotten and was, on \(day).",
            remedy: "Leave it out. Who wants to be a client again is added by hand, with this reference.",
            isOfForgotten: true)
    }

    fileprivate static func noClient(at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "client_ref", reason: "No client has this reference or phone.",
            remedy: "Import the clients first.")
    }

    fileprivate static func differs(_ told: ImportedItem) -> RowProblem {
        RowProblem(
            line: told.line, column: "item_ref",
            reason: "\(told.reference) is in the books, or further up, with another clinic, client, day or amount.",
            remedy: "Leave it out, or give it another reference if it is another debt; nothing is overwritten.")
    }

    fileprivate static func isInvoice(_ told: ImportedItem) -> RowProblem {
        RowProblem(
            line: told.line, column: "item_ref", reason: "\(told.reference) is in the books as an invoice.",
            remedy: "Leave it out: it would be owed twice.")
    }
}
