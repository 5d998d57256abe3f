package import PaymentModel

/// An invoice from draft to settled; once issued its lines and totals never change.
package struct Invoice: Hashable, Sendable {
    /// Where the invoice is; derived from its amounts once it is issued.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case draft, cancelled, issued, partPaid, paid, credited, writtenOff
    }

    package let id: InvoiceID
    package let clinic: ClinicID
    package let client: ClientID
    /// Whom it was issued to, when that client has become another one since.
    package private(set) var issuedTo: ClientID?
    package let content: DocumentContent
    /// What it bills, deposits deducted.
    package let vat: VATBreakdown
    package let origin: InvoiceOrigin
    package private(set) var dueOn: LocalDate
    package private(set) var number: String?
    package private(set) var issuedOn: LocalDate?
    /// A draft nobody wants any more.
    package private(set) var isCancelled: Bool
    /// Allocated from payments, less what was taken back.
    package private(set) var paid: Money
    /// Taken off by credit notes.
    package private(set) var credited: Money
    /// Given up: still owed, and nobody asks for it any more.
    package private(set) var writtenOff: Money

    package var total: Money { vat.total }
    package var currency: Currency { content.currency }
    /// When what it bills was sold or done: nil of a deposit, before which nothing was.
    package var suppliedOn: LocalDate? { origin.isDeposit ? nil : content.suppliedOn ?? issuedOn }
}

// MARK: Making and loading

extension Invoice {
    /// A new draft.
    package init(
        id: InvoiceID, clinic: ClinicID, client: ClientID, content: DocumentContent, dueOn: LocalDate,
        origin: InvoiceOrigin = .desk
    ) throws(InvoiceRejection) {
        self.init(
            id: id, clinic: clinic, client: client, content: content, vat: try origin.vat(of: content), origin: origin,
            dueOn: dueOn,
            number: nil, issuedOn: nil, isCancelled: false, paid: .zero(content.currency),
            credited: .zero(content.currency), writtenOff: .zero(content.currency))
    }

    /// The draft of a deposit on a quote; it bills to the cent what the quote's rates make of it, and is for what the
    /// quote's lines are, of which `seller` says what those are that do not say it.
    ///
    /// What says why it bears no VAT is a line of its own.
    package init(
        deposit: Deposit, of quote: Quote, dueOn: LocalDate, soldBy seller: Seller.Operations?
    ) throws(InvoiceRejection) {
        var lines: [InvoiceLine] = []
        for group in try Self.groups(of: deposit, on: quote) {
            let share = group.share
            let scale: Int64 = (0..<(4 - share.base.currency.minorDigits)).reduce(1) { value, _ in value * 10 }
            let (scaled, overflow) = share.base.minorUnits.multipliedReportingOverflow(by: scale)
            guard !overflow, let price = UnitPrice(tenThousandths: scaled) else { throw .amountTooLarge }
            lines.append(
                InvoiceLine(
                    label: IssuedDocument.Other.quote(quote.number).label, quantity: .one, unitPrice: price,
                    vatRate: share.rate, nature: quote.nature(at: share.rate, soldBy: seller),
                    exemption: group.isExempt ? quote.content.lines.exemptions.joined(separator: " ; ") : nil))
        }
        let currency = quote.content.currency
        self.init(
            id: deposit.invoice, clinic: quote.clinic, client: quote.client,
            content: DocumentContent(currency: currency, lines: lines, delivery: quote.content.delivery),
            vat: deposit.vat, origin: .deposit(quote.id, isOnline: deposit.isOnline), dueOn: dueOn, number: nil,
            issuedOn: nil, isCancelled: false, paid: .zero(currency), credited: .zero(currency),
            writtenOff: .zero(currency))
    }

    private static func groups(of deposit: Deposit, on quote: Quote) throws(InvoiceRejection) -> [VATGroup] {
        let shares = deposit.vat.shares.filter { $0.base.isPositive || $0.vat.isPositive }
        do {
            let (lines, currency) = (quote.content.lines, quote.content.currency)
            let exemptions = try Exemptions(of: lines, in: currency, soldBy: nil)
            return try shares.flatMap { try exemptions.groups(of: $0) }
        } catch {
            throw .amountTooLarge
        }
    }

    /// An invoice as it was saved.
    package init(
        id: InvoiceID, clinic: ClinicID, client: ClientID, content: DocumentContent, dueOn: LocalDate,
        saved: SavedState
    ) {
        self.init(
            id: id, clinic: clinic, client: client, issuedTo: saved.issuedTo, content: content, vat: saved.vat,
            origin: saved.origin, dueOn: dueOn,
            number: saved.number, issuedOn: saved.issuedOn, isCancelled: saved.isCancelled, paid: saved.paid,
            credited: saved.credited, writtenOff: saved.writtenOff)
    }

    /// What is kept of an invoice beside its content, and what changes in its life.
    package struct SavedState: Hashable, Sendable {
        package let vat: VATBreakdown
        package let origin: InvoiceOrigin
        package let number: String?
        package let issuedOn: LocalDate?
        package let isCancelled: Bool
        package let paid: Money
        package let credited: Money
        package let writtenOff: Money
        package let issuedTo: ClientID?

        package init(
            vat: VATBreakdown, origin: InvoiceOrigin, number: String?, issuedOn: LocalDate?, isCancelled: Bool,
            paid: Money, credited: Money, writtenOff: Money, issuedTo: ClientID? = nil
        ) {
            self.vat = vat
            self.origin = origin
            self.number = number
            self.issuedOn = issuedOn
            self.isCancelled = isCancelled
            self.paid = paid
            self.credited = credited
            self.writtenOff = writtenOff
            self.issuedTo = issuedTo
        }
    }
}

// MARK: What is owed

extension Invoice {
    /// Billed = paid + credited + written off + due, always (the remainder is never negative).
    package var due: Money {
        guard number != nil else { return .zero(currency) }
        return Money(total.minorUnits - paid.minorUnits - credited.minorUnits - writtenOff.minorUnits, currency)
    }

    package var status: Status {
        guard number != nil else { return isCancelled ? .cancelled : .draft }
        if due.isPositive { return paid.isZero ? .issued : .partPaid }
        if writtenOff.isPositive { return .writtenOff }
        return credited == total && total.isPositive ? .credited : .paid
    }

    /// Whether the invoice's own amounts fit together; asserted before every save.
    package var isBalanced: Bool {
        !paid.isNegative && !credited.isNegative && !writtenOff.isNegative && !due.isNegative
    }
}

// MARK: Moves

extension Invoice {
    /// Gives the draft its number and makes it payable.
    package mutating func issue(number: String, on day: LocalDate) throws(InvoiceRejection) -> InvoiceFact {
        guard status == .draft else { throw .notDraft(status) }
        guard total.isPositive || origin.isDeducted else { throw .nothingToPay }
        guard dueOn >= day else { throw .dueBeforeIssue(dueOn: dueOn, issuedOn: day) }
        self.number = number
        issuedOn = day
        return .issued(number: number, on: day)
    }

    /// Says when the draft is to be paid, which may have come before anybody issued it.
    package mutating func postpone(to day: LocalDate) throws(InvoiceRejection) {
        guard status == .draft else { throw .notDraft(status) }
        dueOn = day
    }

    /// The draft written anew; nothing stays of what it said.
    package func rewritten(
        for client: ClientID, at clinic: ClinicID, content: DocumentContent, dueOn: LocalDate
    ) throws(InvoiceRejection) -> Invoice {
        guard status == .draft else { throw .notDraft(status) }
        return try Invoice(
            id: id, clinic: clinic, client: client, content: content, dueOn: dueOn, origin: origin)
    }

    /// Gives the draft up; it never had a number, so nothing has to correct it.
    package mutating func cancel() throws(InvoiceRejection) {
        guard status == .draft else { throw .notDraft(status) }
        isCancelled = true
    }

    /// Counts a part of a payment for this invoice, which is not paid before the day of its issue.
    package mutating func allocate(_ amount: Money, on day: LocalDate) throws(InvoiceRejection) -> InvoiceFact {
        try admit(amount, upTo: due)
        paid = Money(paid.minorUnits + amount.minorUnits, currency)
        return due.isZero ? .paid(on: max(day, issuedOn ?? day)) : .partPaid
    }

    /// Takes back a part of what was allocated, because the money went back to the client.
    package mutating func reverse(_ amount: Money) throws(InvoiceRejection) -> InvoiceFact {
        try admit(amount, upTo: paid)
        paid = Money(paid.minorUnits - amount.minorUnits, currency)
        return .partPaid
    }

    /// Takes `amount` off what is due by a credit note.
    package mutating func credit(_ amount: Money) throws(InvoiceRejection) {
        try admit(amount, upTo: due)
        credited = Money(credited.minorUnits + amount.minorUnits, currency)
    }

    /// Gives up what is due; answers how much that was.
    package mutating func writeOff() throws(InvoiceRejection) -> Money {
        let part = due
        try admit(part, upTo: part)
        writtenOff = Money(writtenOff.minorUnits + part.minorUnits, currency)
        return part
    }

    /// Asks for an amount again that was given up.
    package mutating func reopen(_ amount: Money) throws(InvoiceRejection) {
        try admit(amount, upTo: writtenOff)
        writtenOff = Money(writtenOff.minorUnits - amount.minorUnits, currency)
    }

    private func admit(_ amount: Money, upTo limit: Money) throws(InvoiceRejection) {
        guard number != nil else { throw .notIssued }
        guard amount.currency == currency else { throw .otherCurrency(amount.currency) }
        guard amount.isPositive else { throw .notPositive(amount) }
        guard amount.minorUnits <= limit.minorUnits else { throw .moreThan(limit, asked: amount) }
    }
}
