package import PaymentModel

/// Why a credit note is written.
package enum CreditReason: Hashable, Sendable {
    /// A payment was given back; no person wrote it.
    case refund
    /// As a person typed it.
    case told(String)

    /// As the document and its data say it; a page says a refund in its reader's language.
    package var text: String {
        switch self {
        case .refund: "Remboursement"
        case .told(let text): text
        }
    }

    /// As other services are told: what a person typed may name somebody, and stays on the document.
    package var code: String {
        switch self {
        case .refund: "refund"
        case .told: "correction"
        }
    }
}

/// A document that takes something off an issued invoice.
package struct CreditNote: Hashable, Sendable {
    package let id: CreditNoteID
    package let invoice: InvoiceID
    package let client: ClientID
    /// Whom it was issued to, when that client has become another one since.
    package let issuedTo: ClientID?
    package let number: String
    package let issuedOn: LocalDate
    package let vat: VATBreakdown
    package let reason: String

    package init(
        id: CreditNoteID, of invoice: Invoice, number: String, issuedOn: LocalDate, vat: VATBreakdown, reason: String
    ) {
        self.init(
            id: id, invoice: invoice.id, client: invoice.client, number: number, issuedOn: issuedOn, vat: vat,
            reason: reason)
    }

    /// As it was saved.
    package init(
        id: CreditNoteID, invoice: InvoiceID, client: ClientID, issuedTo: ClientID? = nil, number: String,
        issuedOn: LocalDate, vat: VATBreakdown, reason: String
    ) {
        self.id = id
        self.invoice = invoice
        self.client = client
        self.issuedTo = issuedTo
        self.number = number
        self.issuedOn = issuedOn
        self.vat = vat
        self.reason = reason
    }

    /// The lines of its invoice that it may be about: those of the rates it credits.
    package func lines(of invoice: Invoice) -> [InvoiceLine] {
        let rates = Set(vat.shares.map(\.rate))
        return invoice.content.lines.filter { rates.contains($0.vatRate) }
    }

    /// What its hash is computed over.
    package func chainText(after previous: String, between parties: ChainedParties?) -> ChainText {
        var text = ChainText(.creditNote, number: number, previous: previous)
        text.add("id", id)
        text.add("invoice", invoice)
        text.add("client", issuedTo ?? client)
        text.add("issued", issuedOn)
        text.add("reason", reason)
        text.add(vat)
        text.add(parties)
        return text
    }
}

/// Where a credit note takes its amount from: first what is still due, then what was paid, which is credit again.
package struct CreditPlan: Hashable, Sendable {
    package let fromDue: Money
    package let fromPaid: Money

    /// `amount` nil: everything that is due or paid; what was written off is asked for again before it is credited.
    package init(_ amount: Money?, of invoice: Invoice) throws(InvoiceRejection) {
        guard invoice.number != nil else { throw .notIssued }
        let left = Money(invoice.due.minorUnits + invoice.paid.minorUnits, invoice.currency)
        let amount = amount ?? left
        guard amount.currency == invoice.currency else { throw .otherCurrency(amount.currency) }
        guard amount.isPositive else { throw left.isZero ? .nothingToCredit : .notPositive(amount) }
        guard amount.minorUnits <= left.minorUnits else { throw .moreThan(left, asked: amount) }
        fromDue = Money(min(amount.minorUnits, invoice.due.minorUnits), invoice.currency)
        fromPaid = Money(amount.minorUnits - fromDue.minorUnits, invoice.currency)
    }

    package var amount: Money { Money(fromDue.minorUnits + fromPaid.minorUnits, fromDue.currency) }
}
