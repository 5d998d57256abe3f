package import PaymentModel

/// A mail that brings an invoice, as another one about the same invoice sees it.
package struct InvoiceMail: Hashable, Sendable {
    package let occasion: Occasion
    package let state: Message.State
    /// The payment whose link it brings, once its call is open; nil: none.
    package let carried: PaymentID?

    package init(occasion: Occasion, state: Message.State, carried: PaymentID? = nil) {
        self.occasion = occasion
        self.state = state
        self.carried = carried
    }

    /// Whether it is with the mail server, or was taken by it; one whose outcome nobody knows counts for nothing.
    private var hasLeft: Bool {
        switch state {
        case .claimed, .sent, .delivered: true
        case .requested, .ready, .failed, .uncertain, .calledOff: false
        }
    }

    /// Whether it may leave yet; what it will carry, and whether it leaves at all, nobody knows.
    fileprivate var isWaiting: Bool { state == .requested || state == .ready }

    /// Whether it makes one of this occasion needless, or may; that is about the link of this payment if about any.
    fileprivate func replaces(_ other: Occasion, about payment: PaymentID?) -> Bool {
        switch other {
        case .invoiceLink:
            // One that waits takes along the link that is live by then, if it can be asked for.
            if isWaiting { return occasion.isFirstMail }
            return occasion != .invoiceLink && hasLeft && payment != nil && carried == payment
        case .invoice, .depositRequest: return occasion == .invoiceLink && hasLeft
        case .paymentLink, .paymentAccepted, .paymentRefused, .paymentCancelled, .refund, .paymentReminder,
            .debitNotice, .verificationCode, .creditNote, .receipt, .overdue, .campaign:
            return false
        }
    }
}

/// What a mail about an invoice may do beside the others about it: the client gets an invoice and the link that pays it
/// in one mail, whichever is asked for or leaves first (INV-5).
package enum MailTurn: Hashable, Sendable {
    case leaves
    /// One that may make it needless is to leave first, or is with the mail server at this moment.
    case waits
    /// Another one has brought the same.
    case givesWay

    package init(of occasion: Occasion, about payment: PaymentID?, beside others: [InvoiceMail]) {
        let same = others.filter { $0.replaces(occasion, about: payment) }
        if same.contains(where: { $0.state != .claimed && !$0.isWaiting }) {
            self = .givesWay
        } else {
            self = same.isEmpty ? .leaves : .waits
        }
    }
}

extension Occasion {
    /// Whether its mail brings an invoice for the first time.
    fileprivate var isFirstMail: Bool { self == .invoice || self == .depositRequest }
}
