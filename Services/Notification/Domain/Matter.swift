package import PaymentModel

/// What a message is about; the owner of that knows whom the message is for.
package enum Matter: Hashable, Sendable {
    case payment(PaymentID)
    case invoice(InvoiceID)

    package var payment: PaymentID? {
        if case .payment(let id) = self { id } else { nil }
    }

    package var invoice: InvoiceID? {
        if case .invoice(let id) = self { id } else { nil }
    }
}
