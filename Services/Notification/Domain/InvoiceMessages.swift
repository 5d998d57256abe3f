package import PaymentModel

/// Which messages about invoices, what was paid and what will not be an organisation has switched on, and how each
/// travels (NOT-2).
package struct InvoiceMessages: Hashable, Sendable {
    /// Issued invoices, once more when they get a link to pay by, and credit notes; an SMS cannot bring a document.
    package var documents: Channel?
    package var depositRequests: Channel?
    package var overdue: Channel?
    /// Of money that was received.
    package var receipts: Channel?
    /// Payments that were refused, and cancelled ones whose link the client has.
    package var paymentEnds: Channel?

    /// Nobody is surprised: without a decision no client is written to about an invoice.
    package static let none = InvoiceMessages()

    package init(
        documents: Channel? = nil, depositRequests: Channel? = nil, overdue: Channel? = nil, receipts: Channel? = nil,
        paymentEnds: Channel? = nil
    ) {
        self.documents = documents
        self.depositRequests = depositRequests
        self.overdue = overdue
        self.receipts = receipts
        self.paymentEnds = paymentEnds
    }

    /// How long a link must lead somewhere yet to be mailed; clinics give theirs an hour at the least.
    private static let linkLifeMin = Duration.seconds(900)

    /// Whether who reads the mail may still find the link good.
    package static func canMail(linkUntil end: Instant, at now: Instant) -> Bool { end - now >= linkLifeMin }

    /// Nil: it is not sent.
    package func channel(of occasion: Occasion) -> Channel? {
        switch occasion {
        case .invoice, .invoiceLink, .creditNote: documents
        case .depositRequest: depositRequests
        case .overdue: overdue
        case .receipt: receipts
        case .paymentRefused, .paymentCancelled: paymentEnds
        case .paymentLink, .paymentAccepted, .refund, .paymentReminder, .debitNotice, .verificationCode, .campaign: nil
        }
    }
}
