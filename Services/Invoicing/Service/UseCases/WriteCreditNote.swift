import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Money that had been counted for an invoice and is so no more, since a credit note took the price off.
struct TakenPart: Sendable {
    let money: PaymentOnAccountID
    let amount: Money
}

/// Numbers, chains and announces a credit note of an invoice that was credited already, and is locked and saved.
struct IssueCreditNote {
    let ids: IdentifierSource
    let series = SeriesStore()
    let notes = CreditNoteStore()
    let parties = PartiesStore()
    let quotes = QuoteStore()

    /// The VAT of an amount, of what earlier credit notes left of each rate.
    func part(of invoice: Invoice, _ amount: Money, in change: inout Change) throws -> VATBreakdown {
        try invoice.vat.part(
            of: amount, without: notes.shares(of: invoice, in: &change), backTo: rest(of: invoice, in: &change))
    }

    /// What the quote of a deposit has left, to which a credit note of it gives back until that is invoiced.
    ///
    /// Read without a lock, since it decides how a cent is rounded and no sum.
    func rest(of invoice: Invoice, in change: inout Change) throws -> [VATShare] {
        guard case .deposit(let id, _) = invoice.origin else { return [] }
        let found = try quotes.find(id, of: change.cause.organisation, in: &change.transaction)
        guard let quote = found?.quote, quote.state == .open else { return [] }
        return try quote.rest
    }

    func run(
        of invoice: Invoice, _ vat: VATBreakdown, taking taken: [TakenPart], freed: Money? = nil,
        because reason: CreditReason, on day: IssueDay, in change: inout Change
    ) throws -> CreditNote {
        let id: CreditNoteID = ids.make()
        let place = try series.next(
            .creditNote, of: invoice.clinic, on: day, keeping: parties.keeping(of: id, correcting: invoice), &change)
        let note = CreditNote(
            id: id, of: invoice, number: place.number, issuedOn: place.day, vat: vat, reason: reason.text)
        let link = ChainLink(place, note.chainText(after: place.previous, between: place.parties))
        try notes.insert(note, at: place, link: link, in: &change)
        series.close(place, with: link, in: &change)
        change.announce(note, because: reason, about: invoice, taking: taken, freed: freed)
        return note
    }
}

/// Corrects an issued invoice by a credit note; what was paid beyond what is owed then is the client's credit (INV-4).
struct WriteCreditNote {
    let database: Database
    let issue: IssueCreditNote
    let clients = ClientStore()
    let invoices = InvoiceStore()
    let payments = PaymentOnAccountStore()

    /// What was paid would be credit of nobody who can be paid or asked; what is `due` can be credited.
    struct OfForgotten: Error {
        let erasedOn: LocalDate
        let due: Money
    }

    func run(
        _ id: InvoiceID, _ wish: CreditWish, because reason: String, on day: LocalDate, seen version: Int64,
        for clinics: ClinicAccess, cause: Cause
    ) async throws -> Applied<CreditNoteAnswer> {
        try await database.change(because: cause) { change in
            let buyer = try change.read(clients.standing(owing: id, change.cause.organisation))
            // Payments before debts; the version says that nothing was counted for the invoice since they were found,
            // and that no merge gave it to another client.
            var paying = try payments.lockPaying(id, in: &change)
            guard let record = try invoices.lockRecord(id, in: &change), clinics.includes(record.invoice.clinic) else {
                throw NotFound.invoice(id)
            }
            guard record.version == version else { throw StaleVersion(current: record.version) }
            var invoice = record.invoice
            let vat = try breakdown(of: wish, invoice, in: &change)
            let plan = try CreditPlan(vat.total, of: invoice)
            guard day >= invoice.issuedOn ?? day else { throw InvoiceRejection.creditedBeforeIssue(day) }
            if let erasedOn = buyer?.erasedOn, plan.fromPaid.isPositive {
                throw OfForgotten(erasedOn: erasedOn, due: invoice.due)
            }
            let taken = try free(plan.fromPaid, of: &invoice, &paying, on: day, in: &change)
            try invoice.credit(plan.amount)
            try invoices.save(invoice, in: &change)
            let freed = plan.fromPaid.isZero ? nil : plan.fromPaid
            let note = try issue.run(
                of: invoice, vat, taking: taken, freed: freed, because: .told(reason), on: .chosen(day), in: &change)
            if invoice.due.isZero, invoice.paid.isPositive, plan.fromDue.isPositive {
                change.announce(.paid(on: day), about: invoice)
            }
            let answer = CreditNoteAnswer(note, freed: freed)
            try AuditStore(ids: issue.ids).record(
                "credit-note-written", about: id, and: [note.id.value], before: nil as CreditNoteAnswer?,
                after: answer, in: &change)
            return answer
        }
    }

    /// What is credited of each rate; the invoice is locked, so nobody else credits it before this is saved.
    private func breakdown(of wish: CreditWish, _ invoice: Invoice, in change: inout Change) throws -> VATBreakdown {
        switch wish {
        case .everything:
            return try issue.part(of: invoice, CreditPlan(nil, of: invoice).amount, in: &change)
        case .amount(let amount):
            return try issue.part(of: invoice, CreditPlan(amount, of: invoice).amount, in: &change)
        case .rates(let rates):
            return try invoice.part(
                of: rates, without: issue.notes.shares(of: invoice, in: &change),
                backTo: issue.rest(of: invoice, in: &change))
        }
    }

    /// Takes back from the newest payment first, so that the oldest stays counted the longest; nothing on a day before
    /// it was counted.
    private func free(
        _ amount: Money, of invoice: inout Invoice, _ paying: inout [PaymentRecord], on day: LocalDate,
        in change: inout Change
    ) throws -> [TakenPart] {
        guard amount.isPositive else { return [] }
        var (left, taken, counted) = (amount, [TakenPart](), day)
        for index in paying.indices.reversed() where left.isPositive {
            let countedOn = paying[index].payment.countedOn(for: .invoice(invoice.id))
            let part = paying[index].payment.free(left, from: .invoice(invoice.id), on: day)
            guard part.isPositive else { continue }
            counted = max(counted, countedOn)
            left = try left.subtracting(part)
            taken.append(TakenPart(money: paying[index].payment.id, amount: part))
            try payments.save(paying[index].payment, in: &change)
        }
        guard day >= counted else { throw InvoiceRejection.creditedBeforeCount(counted) }
        guard left.isZero else {
            throw BrokenInvariant("invoice \(invoice.id) is paid by more than its allocations")
        }
        _ = try invoice.reverse(amount)
        return taken
    }
}

/// A credit note as the API shows it.
struct CreditNoteAnswer: Codable, Sendable, ClientRow {
    let id: CreditNoteID
    let invoiceID: InvoiceID
    let clientID: ClientID
    let number: String
    let issuedOn: LocalDate
    let total: Money
    let vat: [InvoiceAnswer.VAT]
    let reason: String
    /// What had been paid of it and is the client's credit again; told when it is written.
    let freed: Money?
    var client: ClientName?

    init(_ note: CreditNote, freed: Money? = nil) {
        id = note.id
        invoiceID = note.invoice
        clientID = note.client
        number = note.number
        issuedOn = note.issuedOn
        total = note.vat.total
        vat = note.vat.shares.map { InvoiceAnswer.VAT(rate: $0.rate, base: $0.base, vat: $0.vat) }
        reason = note.reason
        self.freed = freed
    }
}
