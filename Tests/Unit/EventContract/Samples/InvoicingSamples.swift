import EventContract
import PaymentModel

extension Sample {
    static let invoicing: [Sample] = [
        Sample(
            InvoiceIssuedV1(
                invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                issuedOn: Sample.date("2026-11-21"), dueOn: Sample.date("2026-11-21"), total: Sample.euros(20_000),
                vat: [.init(rate: BasisPoints(2_000), base: Sample.euros(16_667), vat: Sample.euros(3_333))])),
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
                total: Sample.euros(20_000), reason: "declined", due: Sample.euros(5000))),
        Sample(
            CreditNoteIssuedV1(
                creditNoteID: Sample.id(3), invoiceID: Sample.id(1), clientID: Sample.id(2), number: "2026-000042",
                total: Sample.euros(20_000), reason: "declined"), variant: "minimal"),
        Sample(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000), method: "card",
                paymentID: Sample.id(5), allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                unallocated: Sample.euros(5000))),
        Sample(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: Sample.id(4), clientID: Sample.id(2), amount: Sample.euros(20_000), method: "card",
                allocations: [.init(invoiceID: Sample.id(1), amount: Sample.euros(15_000))],
                unallocated: Sample.euros(5000)), variant: "minimal"),
        Sample(ClientChangedV1(clientID: Sample.id(2), language: .french, hasEmail: true, hasPhone: true)),
    ]
}
