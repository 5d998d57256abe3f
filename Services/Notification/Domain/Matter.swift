package import PaymentModel

/// What a message is about; the owner of that knows whom the message is for.
package enum Matter: Hashable, Sendable {
    case payment(PaymentID)
    case invoice(InvoiceID)
    /// What is owed without an invoice.
    case receivable(ReceivableID)
    /// Money that invoicing recorded.
    case paymentOnAccount(PaymentOnAccountID)
    /// Its recipients are in the directory.
    case campaign(CampaignID)

    package var payment: PaymentID? {
        if case .payment(let id) = self { id } else { nil }
    }

    package var invoice: InvoiceID? {
        if case .invoice(let id) = self { id } else { nil }
    }

    package var receivable: ReceivableID? {
        if case .receivable(let id) = self { id } else { nil }
    }

    package var paymentOnAccount: PaymentOnAccountID? {
        if case .paymentOnAccount(let id) = self { id } else { nil }
    }

    package var campaign: CampaignID? {
        if case .campaign(let id) = self { id } else { nil }
    }
}
