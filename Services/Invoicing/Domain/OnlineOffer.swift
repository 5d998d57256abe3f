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
        for invoice: Invoice, methods: [PaymentMethod], email: EmailAddress?, phone: Phone?
    ) -> [OnlineOffer] {
        methods.filter(\.kind.arrivesByItself).flatMap { method in
            LinkChannel.allCases.map { channel in
                let refusal =
                    refusal(of: invoice) ?? refusal(of: method) ?? refusal(of: channel, email: email, phone: phone)
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

    private static func refusal(of channel: LinkChannel, email: EmailAddress?, phone: Phone?) -> OfferRefusal? {
        switch channel {
        case .email: email == nil ? .noEmail : nil
        case .sms: phone.map(isMobile) == true ? nil : .noMobile
        }
    }

    /// French numbers tell mobiles by their first digits, those overseas as well; others are taken as they are.
    private static func isMobile(_ phone: Phone) -> Bool {
        let number = phone.e164
        if number.hasPrefix("+33") { return number.hasPrefix("+336") || number.hasPrefix("+337") }
        let overseas = ["+262", "+590", "+594", "+596"]
        guard let code = overseas.first(where: number.hasPrefix) else { return true }
        return number.dropFirst(code.count).hasPrefix("69") || number.dropFirst(code.count).hasPrefix("63")
            || number.dropFirst(code.count).hasPrefix("7")
    }
}
