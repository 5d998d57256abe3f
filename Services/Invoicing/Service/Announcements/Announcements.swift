import EventContract
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

// How facts of the domain become events of the contract.

extension Change {
    mutating func announce(_ fact: InvoiceFact, about invoice: Invoice, paidBy payment: PaymentID? = nil) {
        switch fact {
        case .issued(let number, let day):
            announce(
                InvoiceIssuedV1(
                    invoiceID: invoice.id, clientID: invoice.client, number: number, issuedOn: day,
                    dueOn: invoice.dueOn, total: invoice.total,
                    vat: invoice.vat.lines,
                    quoteID: invoice.origin.quote, payableOnline: invoice.origin.isPayableOnline ? nil : false),
                about: invoice.id, clinic: invoice.clinic)
        case .partPaid:
            announce(
                InvoicePartPaidV1(
                    invoiceID: invoice.id, clientID: invoice.client, total: invoice.total, paid: invoice.paid,
                    due: invoice.due, paymentID: payment),
                about: invoice.id, clinic: invoice.clinic)
        case .paid(let day):
            announce(
                InvoicePaidV1(
                    invoiceID: invoice.id, clientID: invoice.client, total: invoice.total, paidOn: day,
                    paymentID: payment),
                about: invoice.id, clinic: invoice.clinic)
        }
    }

    mutating func announce(
        _ note: CreditNote, because reason: CreditReason, about invoice: Invoice, taking taken: [TakenPart],
        freed: Money?
    ) {
        let takenFrom = taken.map { part in
            CreditNoteIssuedV1.TakenPart(paymentOnAccountID: part.money, amount: part.amount)
        }
        announce(
            CreditNoteIssuedV1(
                creditNoteID: note.id, invoiceID: note.invoice, clientID: note.client, number: note.number,
                total: note.vat.total, reason: reason.code, due: invoice.due, freed: freed,
                takenFrom: takenFrom.isEmpty ? nil : takenFrom, issuedOn: note.issuedOn, vat: note.vat.lines),
            about: note.invoice, clinic: invoice.clinic)
    }

    mutating func announceIssue(of quote: Quote) {
        announce(
            QuoteIssuedV1(
                quoteID: quote.id, clientID: quote.client, number: quote.number, issuedOn: quote.issuedOn,
                validUntil: quote.validUntil, total: quote.total),
            about: quote.id, clinic: quote.clinic)
    }

    mutating func announce(_ deposit: Deposit, of quote: Quote, dueOn: LocalDate) {
        announce(
            DepositRequestedV1(
                quoteID: quote.id, invoiceID: deposit.invoice, clientID: quote.client, amount: deposit.vat.total,
                dueOn: dueOn, payableOnline: deposit.isOnline),
            about: quote.id, clinic: quote.clinic)
    }

    mutating func announceMerge(of client: ClientRecord, into other: ClientRecord) {
        announce(
            ClientMergedV1(clientID: client.id, intoClientID: other.id), about: client.id, clinic: client.clinic)
        announce(other)
    }

    mutating func announceErasure(of client: ClientID, at clinic: ClinicID, on day: LocalDate) {
        announce(ClientErasedV1(clientID: client, erasedOn: day), about: client, clinic: clinic)
    }

    mutating func announce(_ client: ClientRecord) {
        announce(
            ClientChangedV1(
                clientID: client.id, language: client.details.language, hasEmail: client.details.email != nil,
                hasPhone: client.details.phone != nil),
            about: client.id, clinic: client.clinic)
    }
}

extension VATBreakdown {
    fileprivate var lines: [InvoiceIssuedV1.VATLine] {
        shares.map { InvoiceIssuedV1.VATLine(rate: $0.rate, base: $0.base, vat: $0.vat) }
    }
}
