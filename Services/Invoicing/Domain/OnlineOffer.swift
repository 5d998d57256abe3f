package import PaymentModel

/// How a payment link reaches a client.
package enum LinkChannel: String, Hashable, Sendable, CaseIterable {
    case email, sms
}

/// Why an online payment is not offered (INV-15).
package enum OfferRefusal: Error, Hashable, Sendable {
    case notIssued
    case nothingDue
    /// The deposit was asked for at the till only.
    case notPayableOnline
    case methodNotOnline(String)
    case methodNotUsed(String)
    case noEmail
    case noMobile
}

/// One way in which a client could pay an invoice online, or why not.
package struct OnlineOffer: Hashable, Sendable {
    package let method: PaymentMethod
    package let channel: LinkChannel
    /// Nil when it is offered.
    package let refusal: OfferRefusal?

    package var isOffered: Bool { refusal == nil }

    /// Every method that can be paid online by its nature, through every channel.
    package static func all(
        for invoice: Invoice, methods: [PaymentMethod], email: EmailAddress?, hasMobile: Bool
    ) -> [OnlineOffer] {
        methods.filter(\.kind.arrivesByItself).flatMap { method in
            LinkChannel.allCases.map { channel in
                let refusal =
                    refusal(of: invoice) ?? refusal(of: method)
                    ?? refusal(of: channel, email: email, hasMobile: hasMobile)
                return OnlineOffer(method: method, channel: channel, refusal: refusal)
            }
        }
    }

    private static func refusal(of invoice: Invoice) -> OfferRefusal? {
        if invoice.number == nil { return .notIssued }
        if !invoice.due.isPositive { return .nothingDue }
        return invoice.origin.isPayableOnline ? nil : .notPayableOnline
    }

    private static func refusal(of method: PaymentMethod) -> OfferRefusal? {
        if !method.isActive { return .methodNotUsed(method.code) }
        return method.isOnline ? nil : .methodNotOnline(method.code)
    }

    private static func refusal(of channel: LinkChannel, email: EmailAddress?, hasMobile: Bool) -> OfferRefusal? {
        switch channel {
        case .email: email == nil ? .noEmail : nil
        case .sms: hasMobile ? nil : .noMobile
        }
    }
}
