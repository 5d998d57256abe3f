import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes in a payment of another software: counted for what its row names, then oldest first, the rest credit (INV-9).
///
/// It was taken elsewhere, so it has no receipt of ours and is in no till of ours.
struct TakePaymentRow: Sendable {
    let ids: IdentifierSource
    let clients = ClientStore()
    let methods = MethodStore()
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let imports = ImportStore()

    /// Answers what became, or would become, of the row.
    func run(
        _ told: ImportedPayment, at clinics: ImportClinics, isTrial: Bool, in change: inout Change
    ) throws -> RowOutcome {
        if let known = try imports.payment(told.reference, in: &change) {
            guard known == told.amount else { return .refused(told.line, .differs(told)) }
            return .took(told.line, isNew: false)
        }
        guard let client = try clients.find(told.whose, in: &change) else {
            return .refused(told.line, .noClient(at: told.line))
        }
        let organisation = change.cause.organisation
        guard try methods.find(told.method, of: organisation, in: &change.transaction) != nil else {
            return .refused(told.line, .noMethod(told))
        }
        let debt = try told.pays.map { try imports.debt($0, of: client.id, in: &change) }
        if let debt, debt == nil { return .refused(told.line, .noDebt(told)) }
        if !isTrial { try record(told, of: client.id, for: debt ?? nil, at: clinics, in: &change) }
        return .took(told.line, isNew: true)
    }

    private func record(
        _ told: ImportedPayment, of client: ClientID, for debt: Debt?, at clinics: ImportClinics,
        in change: inout Change
    ) throws {
        // Found without a lock; it may have become another one meanwhile.
        guard try clients.has(client, in: &change) else { throw NotFound.client(client) }
        var payment = PaymentOnAccount(
            id: ids.make(), client: client, clinic: clinics.ids[told.clinicCode], method: told.method,
            amount: told.amount, receivedOn: told.receivedOn)
        let parts = try counting.count(&payment, as: .oldestFirst(before: debt), on: told.receivedOn, in: &change)
        try payments.insert(payment, reference: told.reference, in: &change)
        change.announce(payment, parts)
    }
}

extension RowProblem {
    fileprivate static func differs(_ told: ImportedPayment) -> RowProblem {
        RowProblem(
            line: told.line, column: "payment_ref",
            reason: "\(told.reference) is in the books with another amount.",
            remedy: "Leave it out, or give it another reference if it is another payment.")
    }

    fileprivate static func noMethod(_ told: ImportedPayment) -> RowProblem {
        RowProblem(
            line: told.line, column: "method", reason: "\"\(told.method.prefix(40))\" is no method of payment here.",
            remedy: "Give the code of one of the organisation's methods, or add it.")
    }

    fileprivate static func noDebt(_ told: ImportedPayment) -> RowProblem {
        RowProblem(
            line: told.line, column: "pays_ref",
            reason: "The client has neither an invoice nor an open item with this reference.",
            remedy: "Import what it pays first, or leave it empty: it is counted for the oldest debt then.")
    }
}
