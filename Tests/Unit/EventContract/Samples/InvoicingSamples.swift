import EventContract
import PaymentModel

extension Sample {
    static let invoicing: [Sample] = [
        Sample(
            InvoiceIssuedV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                issuedOn: Sample.date("2026-11-21"), dueOn: Sample.date("2026-11-21"), total: Sample.euros(20_000),
                vat: [.init(rate: BasisPoints(2_000), base: Sample.euros(16_667), vat: Sample.euros(3_333))],
                quoteID: Sample.id(14), payableOnline: false)),
        Sample(
            InvoiceIssuedV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                issuedOn: Sample.date("2026-11-21"), dueOn: Sample.date("2026-11-21"), total: Sample.euros(20_000),
                vat: [.init(rate: BasisPoints(2_000), base: Sample.euros(16_667), vat: Sample.euros(3_333))]),
            variant: "minimal"),
        Sample(
            InvoicePartPaidV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), total: Sample.euros(20_000),
                paid: Sample.euros(15_000), due: Sample.euros(5000), paymentID: Sample.id(5))),
        Sample(
            InvoicePartPaidV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), total: Sample.euros(20_000),
                paid: Sample.euros(15_000), due: Sample.euros(5000)), variant: "minimal"),
        Sample(
            InvoicePaidV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), total: Sample.euros(20_000),
                paidOn: Sample.date("2026-11-21"), paymentID: Sample.id(5))),
        Sample(
            InvoicePaidV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), total: Sample.euros(20_000),
                paidOn: Sample.date("2026-11-21")), variant: "minimal"),
        Sample(
            CreditNoteIssuedV1(
                creditNoteID: Sample.id(3), invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                total: Sample.euros(20_000), reason: "declined", due: Sample.euros(5000), freed: Sample.euros(1500),
                takenFrom: [.init(paymentOnAccountID: Sample.id(4), amount: Sample.euros(1500))],
                issuedOn: Sample.date("2026-11-21"),
                vat: [.init(rate: BasisPoints(2_000), base: Sample.euros(16_667), vat: Sample.euros(3_333))])),
        Sample(
            CreditNoteIssuedV1(
                creditNoteID: Sample.id(3), invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                total: Sample.euros(20_000), reason: "declined"), variant: "minimal"),
        Sample(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000), method: "card",
                paymentID: Sample.id(5), allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))],
                unallocated: Sample.euros(500), receivedOn: Sample.date("2026-11-21"))),
        Sample(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000), method: "card",
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                unallocated: Sample.euros(5000)), variant: "minimal"),
        Sample(ClientChangedV1(clientID: Sample.id(2), language: .french, hasEmail: true, hasPhone: true)),
        Sample(ClientMergedV1(clientID: Sample.id(2), intoClientID: Sample.id(15))),
        Sample(ClientErasedV1(clientID: Sample.id(2), erasedOn: Sample.date("2026-11-21"))),
        Sample(
            ReceivableRecordedV1(
                receivableID: Sample.id(13), clientID: Sample.id(2), amount: Sample.euros(4500),
                recordedOn: Sample.date("2026-11-21"), dueOn: Sample.date("2026-12-21"))),
        Sample(
            ReceivableCorrectedV1(
                receivableID: Sample.id(13), clientID: Sample.id(2), amount: Sample.euros(4000),
                dueOn: Sample.date("2026-12-21"))),
        Sample(
            ReceivablePartPaidV1(
                receivableID: Sample.id(13), clientID: Sample.id(2), due: Sample.euros(1500), paymentID: Sample.id(5))),
        Sample(
            ReceivablePartPaidV1(receivableID: Sample.id(13), clientID: Sample.id(2), due: Sample.euros(1500)),
            variant: "minimal"),
        Sample(
            ReceivableSettledV1(
                receivableID: Sample.id(13), invoiceID: Sample.id(1), clientID: Sample.id(2), by: .writeOff,
                writtenOff: Sample.euros(150), settledOn: Sample.date("2026-12-21"), paymentID: Sample.id(5))),
        Sample(
            ReceivableSettledV1(
                clientID: Sample.id(2), by: .payment, writtenOff: Sample.euros(0),
                settledOn: Sample.date("2026-12-21")), variant: "minimal"),
        Sample(
            ReceivableReopenedV1(
                receivableID: Sample.id(13), invoiceID: Sample.id(1), clientID: Sample.id(2), due: Sample.euros(4500),
                reason: .paymentReversed)),
        Sample(
            ReceivableReopenedV1(
                clientID: Sample.id(2), due: Sample.euros(150), reason: .writeOffUndone), variant: "minimal"),
        Sample(
            CashCollectedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(15_000), method: "cash",
                kind: .cash, collectedOn: Sample.date("2026-11-21"), receiptNumber: "R-LILAS-2026-000001",
                journal: "CA", account: "530000")),
        Sample(
            PaymentOnAccountAllocatedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2),
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))],
                unallocated: Sample.euros(500), on: Sample.date("2026-11-28"))),
        Sample(
            PaymentOnAccountAllocatedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2),
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))],
                unallocated: Sample.euros(500)), variant: "minimal"),
        Sample(
            PaymentOnAccountReversedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000),
                reason: .bounced, reversedOn: Sample.date("2026-11-28"),
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))])),
        Sample(
            PaymentOnAccountChargedBackV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000),
                chargedBackOn: Sample.date("2026-11-28"),
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))])),
        Sample(
            PaymentOnAccountRefundedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), refundID: Sample.id(6),
                refundedOn: Sample.date("2026-11-28"),
                receivables: [.init(receivableID: Sample.id(13), amount: Sample.euros(4500))])),
        Sample(
            QuoteIssuedV1(
                quoteID: Sample.id(14), clientID: Sample.id(2), number: "D-LILAS-2026-000001",
                issuedOn: Sample.date("2026-11-21"), validUntil: Sample.date("2026-12-21"),
                total: Sample.euros(20_000))),
        Sample(
            DepositRequestedV1(
                quoteID: Sample.id(14), invoiceID: Sample.id(1), clientID: Sample.id(2), amount: Sample.euros(6000),
                dueOn: Sample.date("2026-11-28"), payableOnline: true)),
        Sample(
            PaymentOnAccountArchivedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(500),
                archivedOn: Sample.date("2026-11-30"))),
        Sample(
            PaymentOnAccountRestoredV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(500))),
        Sample(
            InvoiceOverdueV1(
                invoiceID: Sample.id(1), receivableID: Sample.id(13), clientID: Sample.id(2), level: 2,
                due: Sample.euros(5000),
                dueOn: Sample.date("2026-11-21"), daysLate: 21)),
        Sample(
            InvoiceOverdueV1(
                clientID: Sample.id(2), level: 2, due: Sample.euros(5000),
                dueOn: Sample.date("2026-11-21"), daysLate: 21), variant: "minimal"),
    ]
}
