import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes in a payment of another software: counted for what its row names, the rest is credit (INV-9).
///
/// What is owed by open items is what that software had left of them, so nobody knows which of them a payment lowered.
/// It was taken elsewhere, so it has no receipt of ours and is in no till of ours.
struct TakePaymentRow: Sendable {
    let ids: IdentifierSource
    let clients = ClientStore()
    let methods = MethodStore()
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let imports = ImportStore()
    private var audit: AuditStore { AuditStore(ids: ids) }

    /// Answers what became, or would become, of the row; `earlier` is one of its number that a dry run would have
    /// brought.
    func run(
        _ told: ImportedPayment, after earlier: ImportedPayment?, at clinics: ImportClinics, isTrial: Bool,
        in change: inout Change
    ) throws -> RowOutcome {
        let client = try clients.find(told.whose, in: &change)
        if let known = try imports.payment(told.reference, in: &change) {
            let clinic = clinics.ids[told.clinicCode]
            return known.isSame(told.amount, of: client?.id, at: clinic, on: told.receivedOn)
                ? .took(told.line, isNew: false) : .refused(told.line, .differs(told))
        }
        if let earlier {
            let owner = try clients.find(earlier.whose, in: &change)
            return earlier.isSame(as: told) && owner?.id == client?.id
                ? .took(told.line, isNew: false) : .refused(told.line, .differs(told))
        }
        guard let client else {
            return .refused(told.line, try clients.absence(of: told.whose, at: told.line, in: &change))
        }
        if let early = clinics.refusal(of: told.receivedOn, "received_on", at: told.clinicCode, line: told.line) {
            return .refused(told.line, early)
        }
        let organisation = change.cause.organisation
        guard try methods.find(told.method, of: organisation, in: &change.transaction) != nil else {
            return .refused(told.line, .noMethod(told))
        }
        let places = clinics.ids.values.sorted()
        let debt = try told.pays.map { try imports.debt($0, of: client.id, at: places, in: &change) }
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
        let parts = try count(&payment, for: debt, in: &change)
        try payments.insert(payment, reference: told.reference, in: &change)
        change.announce(payment, parts)
        try audit.record(
            "payment-imported", about: payment.id, and: parts.map(\.debt.value), before: nil as PaymentAnswer?,
            after: PaymentAnswer(PaymentRecord(payment: payment)), in: &change)
    }

    /// What is paid already gets nothing more; the money is the client's credit.
    private func count(
        _ payment: inout PaymentOnAccount, for debt: Debt?, in change: inout Change
    ) throws -> [Allocation] {
        guard let debt else { return [] }
        do {
            return try counting.count(
                &payment, as: .told([ToldAllocation(debt)]), on: payment.receivedOn, in: &change)
        } catch AllocationRejection.notOwed {
            return []
        }
    }
}

extension RowProblem {
    fileprivate static func differs(_ told: ImportedPayment) -> RowProblem {
        RowProblem(
            line: told.line, column: "payment_ref",
            reason: "\(told.reference) is in the books, or further up, with another clinic, client, day or amount.",
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
            remedy: "Import what it pays first, or leave it empty: it is the client's credit then.")
    }
}
