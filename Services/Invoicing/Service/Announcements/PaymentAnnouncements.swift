import EventContract
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

// How facts about money on account, and about what is owed without an invoice, become events of the contract.

extension Change {
    /// Money came in; `parts` is what it was counted for at once.
    mutating func announce(_ payment: PaymentOnAccount, _ parts: [Allocation]) {
        let receivables = parts.onReceivables
        announce(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, amount: payment.amount,
                method: payment.method, paymentID: payment.payment, allocations: parts.onInvoices,
                receivables: receivables.isEmpty ? nil : receivables, unallocated: payment.unallocated,
                receivedOn: payment.receivedOn),
            about: payment.id, clinic: payment.clinic)
    }

    /// The same money as the till counts it in the evening.
    mutating func announceCollection(_ payment: PaymentOnAccount, by method: PaymentMethod) {
        guard let receipt = payment.receiptNumber, let kind = CashCollectedV1.Kind(rawValue: method.kind.rawValue)
        else { return }
        announce(
            CashCollectedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, amount: payment.amount, method: method.code,
                kind: kind, collectedOn: payment.receivedOn, receiptNumber: receipt, journal: method.journal,
                account: method.account),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceApplied(_ payment: PaymentOnAccount, _ parts: [Allocation], on day: LocalDate) {
        announce(
            PaymentOnAccountAllocatedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, allocations: parts.onInvoices,
                receivables: parts.onReceivables, unallocated: payment.unallocated, on: day),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceReversal(_ payment: PaymentOnAccount, _ parts: [Allocation]) {
        guard let reversal = payment.reversal else { return }
        announce(
            PaymentOnAccountReversedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, amount: reversal.amount,
                reason: reversal.reason.told, reversedOn: reversal.on, allocations: parts.onInvoices,
                receivables: parts.onReceivables),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceChargeBack(
        _ payment: PaymentOnAccount, _ amount: Money, _ parts: [Allocation], on day: LocalDate
    ) {
        announce(
            PaymentOnAccountChargedBackV1(
                paymentOnAccountID: payment.id, clientID: payment.client, amount: amount, chargedBackOn: day,
                allocations: parts.onInvoices, receivables: parts.onReceivables),
            about: payment.id, clinic: payment.clinic)
    }

    /// Only what had paid for debts on no invoice: credit notes tell the rest.
    mutating func announceRefund(
        _ refund: RefundID, of payment: PaymentOnAccount, _ parts: [Allocation], on day: LocalDate
    ) {
        let receivables = parts.onReceivables
        guard !receivables.isEmpty else { return }
        announce(
            PaymentOnAccountRefundedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, refundID: refund, refundedOn: day,
                receivables: receivables),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceArchive(_ payment: PaymentOnAccount, _ amount: Money) {
        guard let archived = payment.archived else { return }
        announce(
            PaymentOnAccountArchivedV1(
                paymentOnAccountID: payment.id, clientID: payment.client, amount: amount, archivedOn: archived.on),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceRestoration(_ payment: PaymentOnAccount, _ amount: Money) {
        announce(
            PaymentOnAccountRestoredV1(paymentOnAccountID: payment.id, clientID: payment.client, amount: amount),
            about: payment.id, clinic: payment.clinic)
    }

    mutating func announceWriteOff(
        of debt: Debt, _ amount: Money, by client: ClientID, at clinic: ClinicID, on day: LocalDate
    ) {
        let event = ReceivableSettledV1(
            receivableID: debt.receivable, invoiceID: debt.invoice, clientID: client, by: .writeOff, writtenOff: amount,
            settledOn: day)
        announce(event, about: SubjectID(debt.value), clinic: clinic)
    }

    mutating func announceOverdue(_ late: LateDebt, level: Int, on day: LocalDate) {
        let event = InvoiceOverdueV1(
            invoiceID: late.debt.invoice, receivableID: late.debt.receivable, clientID: late.client, level: level,
            due: late.due, dueOn: late.dueOn, daysLate: day.daysSince1970 - late.dueOn.daysSince1970)
        announce(event, about: SubjectID(late.debt.value), clinic: late.clinic)
    }

    mutating func announceReopening(of debt: Debt, due: Money, by client: ClientID, at clinic: ClinicID) {
        let event = ReceivableReopenedV1(
            receivableID: debt.receivable, invoiceID: debt.invoice, clientID: client, due: due, reason: .writeOffUndone)
        announce(event, about: SubjectID(debt.value), clinic: clinic)
    }

    mutating func announce(
        _ fact: ReceivableFact, about receivable: Receivable, paidBy payment: PaymentID? = nil
    ) {
        let (id, client) = (receivable.id, receivable.client)
        switch fact {
        case .recorded:
            announce(
                ReceivableRecordedV1(
                    receivableID: id, clientID: client, amount: receivable.amount, recordedOn: receivable.recordedOn,
                    dueOn: receivable.terms.dueOn),
                about: id, clinic: receivable.clinic)
        case .corrected:
            announce(
                ReceivableCorrectedV1(
                    receivableID: id, clientID: client, amount: receivable.amount, dueOn: receivable.terms.dueOn),
                about: id, clinic: receivable.clinic)
        case .partPaid:
            announce(
                ReceivablePartPaidV1(receivableID: id, clientID: client, due: receivable.due, paymentID: payment),
                about: id, clinic: receivable.clinic)
        case .settled(let day):
            announce(
                ReceivableSettledV1(
                    receivableID: id, clientID: client, by: .payment, writtenOff: .zero(receivable.amount.currency),
                    settledOn: day, paymentID: payment),
                about: id, clinic: receivable.clinic)
        case .reopened:
            announce(
                ReceivableReopenedV1(
                    receivableID: id, clientID: client, due: receivable.due, reason: .paymentReversed),
                about: id, clinic: receivable.clinic)
        }
    }
}

extension [Allocation] {
    fileprivate var onInvoices: [PaymentOnAccountRecordedV1.Allocation] {
        compactMap { part in part.debt.invoice.map { .init(invoiceID: $0, amount: part.amount) } }
    }

    fileprivate var onReceivables: [PaymentOnAccountRecordedV1.ReceivablePart] {
        compactMap { part in part.debt.receivable.map { .init(receivableID: $0, amount: part.amount) } }
    }
}

extension ReversalReason {
    fileprivate var told: PaymentOnAccountReversedV1.Reason {
        switch self {
        case .bounced: .bounced
        case .mistake: .mistake
        case .withdrawn: .withdrawn
        }
    }
}
