import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Asks for a part of a quote to be paid before: a deposit invoice, issued at once (INV-3).
struct RequestDeposit {
    let database: Database
    let ids: IdentifierSource
    let write: WriteInvoice
    let quotes = QuoteStore()
    let rules = RulesStore()
    let sellers = SellerStore()

    /// What is asked for.
    struct Wish: Sendable {
        let amount: Money
        let issuedOn: LocalDate
        let dueOn: LocalDate
        let isOnline: Bool
    }

    func run(
        _ wish: Wish, on id: QuoteID, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        let invoiceID: InvoiceID = ids.make()
        return try await database.change(because: cause) { change in
            var record = try quotes.lock(id, seen: version, for: clinics, in: &change)
            let before = QuoteAnswer(record)
            let organisation = change.cause.organisation
            let rules = try rules.find(of: organisation, in: &change.transaction).rules
            let seller = try sellers.find(of: organisation, in: &change.transaction)?.seller
            let deposit = try record.quote.ask(
                for: wish.amount, by: invoiceID, isOnline: wish.isOnline, severalOnline: rules.severalOnlineDeposits,
                on: wish.issuedOn)
            try VATRule(of: seller).admitIssue(ofQuoted: record.quote.content.lines)
            try quotes.save(record.quote, in: &change)
            let invoice = try Invoice(
                deposit: deposit, of: record.quote, dueOn: wish.dueOn, soldBy: seller?.operations)
            var issued = InvoiceRecord(invoice: invoice, reference: nil)
            try write.invoices.insert(invoice, reference: nil, in: &change)
            try write.issue(&issued, on: .chosen(wish.issuedOn), in: &change)
            change.announce(deposit, of: record.quote, dueOn: wish.dueOn)
            try write.note("deposit-requested", issued, in: &change)
            try quotes.note("deposit-requested", record, from: before, with: ids, in: &change)
            return InvoiceAnswer(issued)
        }
    }
}

/// Turns a quote into an invoice that deducts what its deposits billed (INV-3).
struct InvoiceQuote {
    let database: Database
    let ids: IdentifierSource
    let write: WriteInvoice
    let quotes = QuoteStore()
    let notes = CreditNoteStore()
    let sellers = SellerStore()

    /// What is told of the invoice beside its quote.
    struct Days: Sendable {
        let issuedOn: LocalDate
        let dueOn: LocalDate
        let suppliedOn: LocalDate?
    }

    func run(
        _ id: QuoteID, _ days: Days, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<InvoiceAnswer> {
        let invoiceID: InvoiceID = ids.make()
        return try await database.change(because: cause) { change in
            var record = try quotes.lock(id, seen: version, for: clinics, in: &change)
            let before = QuoteAnswer(record)
            try record.quote.invoice(as: invoiceID, on: days.issuedOn)
            try sellers.vatRule(in: &change).admitIssue(ofQuoted: record.quote.content.lines)
            let deductions = try record.quote.deposits.map { try deduction($0, in: &change) }
            let invoice = try Invoice(
                id: invoiceID, clinic: record.quote.clinic, client: record.quote.client,
                content: record.quote.content.supplied(on: days.suppliedOn), dueOn: days.dueOn,
                origin: .quote(id, less: deductions))
            var issued = InvoiceRecord(invoice: invoice, reference: nil)
            try write.invoices.insert(invoice, reference: nil, in: &change)
            try quotes.save(record.quote, in: &change)
            try write.issue(&issued, on: .chosen(days.issuedOn), in: &change)
            if invoice.total.isZero { change.announce(.paid(on: days.issuedOn), about: issued.invoice) }
            try write.note("quote-invoiced", issued, in: &change)
            try quotes.note("quote-invoiced", record, from: before, with: ids, in: &change)
            return InvoiceAnswer(issued)
        }
    }

    /// What a deposit billed, less what credit notes took off it again.
    private func deduction(_ deposit: Deposit, in change: inout Change) throws -> Deduction {
        guard let invoice = try write.invoices.lock(deposit.invoice, in: &change), let number = invoice.number else {
            throw NotFound.invoice(deposit.invoice)
        }
        let credited = try notes.shares(of: invoice, in: &change)
        return Deduction(deposit: deposit.invoice, number: number, shares: try invoice.vat.shares.less(credited))
    }
}

extension QuoteStore {
    /// What became of a quote that was saved, in the trail of the quote itself (GEN-6).
    fileprivate func note(
        _ action: String, _ record: QuoteRecord, from before: QuoteAnswer, with ids: IdentifierSource,
        in change: inout Change
    ) throws {
        var saved = record
        saved.version += 1
        try AuditStore(ids: ids).record(
            action, about: record.quote.id, before: before, after: QuoteAnswer(saved), in: &change)
    }
}
