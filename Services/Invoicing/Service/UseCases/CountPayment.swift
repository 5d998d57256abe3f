import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Counts what is left of a payment for what its client owes, and takes it back from there (INV-9).
///
/// Whoever locks several things locks the payment first, then debts in their order, then, for cash, what was quoted,
/// then series of numbers.
struct CountPayment {
    let invoices = InvoiceStore()
    let receivables = ReceivableStore()
    let payments = PaymentOnAccountStore()
    let rules = RulesStore()
    let methods = MethodStore()

    /// Answers what each debt got; the payment is changed and not yet saved.
    ///
    /// Cash that came by a file was taken already: no ceiling is asked, and it counts for what is taken later.
    func count(
        _ payment: inout PaymentOnAccount, as wish: AllocationWish, on day: LocalDate, in change: inout Change
    ) throws -> [Allocation] {
        let parts = try plan(&payment, as: wish, on: day, for: .all, in: &change)
        for part in parts { try allocate(part, of: payment, on: day, &change) }
        return parts
    }

    /// Debts of other clinics than `clinics` are passed over.
    private func plan(
        _ payment: inout PaymentOnAccount, as wish: AllocationWish, on day: LocalDate, for clinics: ClinicAccess,
        in change: inout Change
    ) throws -> [Allocation] {
        guard wish != .keep else { return [] }
        let (currency, organisation) = (payment.amount.currency, change.cause.organisation)
        let (billed, other) = try change.read(
            invoices.lockingOpen(of: payment.client, organisation, at: clinics.list, in: currency),
            receivables.lockingOpen(of: payment.client, organisation, at: clinics.list, in: currency))
        return try payment.allocate(over: billed + other, as: wish, on: day)
    }

    /// Whether somebody counts cash, taken at a till or brought by a file.
    private func isCash(_ payment: PaymentOnAccount, in change: inout Change) throws -> Bool {
        if let till = payment.till { return till.kind == .cash }
        guard payment.payment == nil else { return false }
        let kept = try methods.find(payment.method, of: change.cause.organisation, in: &change.transaction)
        return kept?.method.kind == .cash
    }

    private func admitCash(_ parts: [Allocation], in currency: Currency, _ change: inout Change) throws {
        let debts = parts.map(\.debt)
        let quotes = try invoices.lockSales(of: debts, in: &change)
        let known = try methods.all(of: change.cause.organisation, in: &change.transaction).map(\.method)
        let cash = known.filter { $0.kind == .cash }.map(\.code)
        let earlier = try payments.cash(by: cash, for: debts, of: quotes, in: currency, &change)
        let rules = try rules.find(of: change.cause.organisation, in: &change.transaction).rules
        try rules.admitCash(
            parts.map { part in (quotes[part.debt].map(CashSale.quote) ?? .debt(part.debt), part.amount) },
            earlier: earlier)
    }

    private func allocate(
        _ part: Allocation, of payment: PaymentOnAccount, on day: LocalDate, _ change: inout Change
    ) throws {
        switch part.debt {
        case .invoice(let id):
            guard var invoice = try invoices.lock(id, in: &change) else { throw NotFound.invoice(id) }
            let fact = try invoice.allocate(part.amount, on: day)
            try invoices.save(invoice, in: &change)
            change.announce(fact, about: invoice, paidBy: payment.payment)
        case .receivable(let id):
            guard var record = try receivables.lock(id, in: &change) else { throw NotFound.receivable(id) }
            let fact = try record.receivable.allocate(part.amount, on: day)
            try receivables.save(record.receivable, in: &change)
            change.announce(fact, about: record.receivable, paidBy: payment.payment)
        }
    }

    /// Makes due again what a payment had paid that was not received after all; dunning begins anew from `day`, if any.
    func takeBack(_ parts: [Allocation], on day: LocalDate?, in change: inout Change) throws {
        for part in parts.sorted(by: { $0.debt < $1.debt }) {
            switch part.debt {
            case .invoice(let id):
                guard var invoice = try invoices.lock(id, in: &change) else { throw NotFound.invoice(id) }
                let fact = try invoice.reverse(part.amount)
                try invoices.save(invoice, dueAgainOn: day, in: &change)
                change.announce(fact, about: invoice)
            case .receivable(let id):
                guard var record = try receivables.lock(id, in: &change) else { throw NotFound.receivable(id) }
                let fact = try record.receivable.reverse(part.amount)
                try receivables.save(record.receivable, dueAgainOn: day, in: &change)
                change.announce(fact, about: record.receivable)
            }
        }
    }
}

/// An invoice somebody named for a payment that cannot be counted for it (INV-9).
struct NotOwed: Error {
    let id: InvoiceID
    /// Nil for a draft and for what is another client's or another clinic's.
    var number: String?
    /// Nil for what is another client's or another clinic's, or nobody's.
    var status: Invoice.Status?
}

extension CountPayment {
    /// The same for a person, who pays and sees the debts of `clinics`, and is told how an invoice there stands that is
    /// not owed.
    func countForPerson(
        _ payment: inout PaymentOnAccount, as wish: AllocationWish, on day: LocalDate, for clinics: ClinicAccess,
        in change: inout Change
    ) throws -> [Allocation] {
        do {
            let parts = try plan(&payment, as: wish, on: day, for: clinics, in: &change)
            if !parts.isEmpty, try isCash(payment, in: &change) {
                try admitCash(parts, in: payment.amount.currency, &change)
            }
            for part in parts { try allocate(part, of: payment, on: day, &change) }
            return parts
        } catch AllocationRejection.notOwed(let debt) {
            guard let id = debt.invoice else { throw AllocationRejection.notOwed(debt) }
            let found = try invoices.find(id, of: change.cause.organisation, in: &change.transaction)?.invoice
            guard let invoice = found, invoice.client == payment.client, clinics.includes(invoice.clinic) else {
                throw NotOwed(id: id)
            }
            throw NotOwed(id: id, number: invoice.number, status: invoice.status)
        }
    }
}
