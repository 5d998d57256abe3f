import NotificationDomain
import PaymentModel
import Testing

/// INV-5: a client gets an invoice and the link that pays it in one mail.
@Suite struct `Mails about one invoice` {
    private static let payment = PaymentID(1)
    private static let other = PaymentID(2)

    private func turn(of occasion: Occasion, beside others: InvoiceMail...) -> MailTurn {
        MailTurn(of: occasion, about: occasion == .invoiceLink ? Self.payment : nil, beside: others)
    }

    @Test(arguments: Message.State.allCases, [Occasion.invoice, .depositRequest])
    func `INV-5: a link waits while the first mail does, and gives way where that brought that very link`(
        state: Message.State, first: Occasion
    ) {
        for carried in [nil, Self.payment, Self.other] {
            let expected: MailTurn =
                switch state {
                case .requested, .ready: .waits
                case .claimed: carried == Self.payment ? .waits : .leaves
                case .sent, .delivered: carried == Self.payment ? .givesWay : .leaves
                case .failed, .uncertain, .calledOff: .leaves
                }
            let mail = InvoiceMail(occasion: first, state: state, carried: carried)
            #expect(turn(of: .invoiceLink, beside: mail) == expected, "\(first), \(state), \(carried as Any)")
        }
    }

    @Test(arguments: Message.State.allCases, [Occasion.invoice, .depositRequest])
    func `INV-5: the first mail waits for a link's that is under way, and gives way to one that has left`(
        state: Message.State, first: Occasion
    ) {
        let expected: MailTurn =
            switch state {
            case .claimed: .waits
            case .sent, .delivered: .givesWay
            case .requested, .ready, .failed, .uncertain, .calledOff: .leaves
            }
        #expect(turn(of: first, beside: InvoiceMail(occasion: .invoiceLink, state: state)) == expected)
    }

    @Test func `INV-5: a reminder that waits takes no link's place, and one that brought it does`() {
        #expect(turn(of: .invoiceLink, beside: InvoiceMail(occasion: .overdue, state: .ready)) == .leaves)
        let gone = InvoiceMail(occasion: .overdue, state: .sent, carried: Self.payment)
        #expect(turn(of: .invoiceLink, beside: gone) == .givesWay)
    }

    @Test(arguments: Message.State.allCases)
    func `INV-5: what is not about the invoice itself, or asks for it again, leaves beside anything`(
        state: Message.State
    ) {
        for occasion in [Occasion.creditNote, .overdue, .receipt] {
            let others = [Occasion.invoice, .invoiceLink, .depositRequest].map {
                InvoiceMail(occasion: $0, state: state, carried: Self.payment)
            }
            #expect(MailTurn(of: occasion, about: nil, beside: others) == .leaves)
        }
    }

    @Test func `INV-5: whenever what is asked for, live, turned away or lost, its client has the link in one mail`() {
        holds { generator in
            var mails: [Occasion: Mail] = [:]
            var isLive = false
            for step in 0..<400 {
                // The link comes to be live at any moment, and its mail is asked for later; so is the invoice's own.
                if step == 100 || generator.number(0...30) == 0 { isLive = true }
                for occasion in [Occasion.invoice, .invoiceLink] where isLive || occasion == .invoice {
                    guard mails[occasion] == nil, step > 150 || generator.number(0...10) == 0 else { continue }
                    mails[occasion] = Mail()
                }
                let occasion: Occasion = generator.number(0...1) == 0 ? .invoice : .invoiceLink
                guard var mail = mails[occasion] else { continue }
                let turn = self.turn(of: occasion, amid: mails.filter { $0.key != occasion })
                // Payments may be away when an invoice's own mail asks for its link.
                let finds = isLive && (occasion == .invoiceLink || generator.number(0...3) > 0)
                let link: PaymentID? = finds ? Self.payment : nil
                mail.goOn(turn, link: link, by: &generator, isTaken: step > 300, mayBeLost: occasion == .invoice)
                mails[occasion] = mail
            }
            let sent = mails.values.filter { $0.state == .sent }
            let areOver = mails.values.allSatisfy { [.sent, .failed, .uncertain, .calledOff].contains($0.state) }
            return mails.count == 2 && areOver && sent.filter { $0.carried == Self.payment }.count == 1
        }
    }

    private func turn(of occasion: Occasion, amid others: [Occasion: Mail]) -> MailTurn {
        MailTurn(
            of: occasion, about: occasion == .invoiceLink ? Self.payment : nil,
            beside: others.map { InvoiceMail(occasion: $0.key, state: $0.value.state, carried: $0.value.carried) })
    }

    /// A mail as its worker has it.
    private struct Mail {
        var state = Message.State.ready
        /// Whose link its row says it brings.
        var carried: PaymentID?
        /// Whether it has been asked what it brings, which is what it leaves with, and what that is.
        var hasAsked = false
        var inHand: PaymentID?

        /// One step more: the question, the claim, or the outcome of its call.
        mutating func goOn(
            _ turn: MailTurn, link: PaymentID?, by generator: inout SeededGenerator, isTaken: Bool, mayBeLost: Bool
        ) {
            switch state {
            case .ready:
                switch turn {
                case .givesWay: state = .calledOff
                case .waits: hasAsked = false
                case .leaves where hasAsked: (state, carried, hasAsked) = (.claimed, inHand, false)
                case .leaves: (inHand, hasAsked) = (link, true)
                }
            case .claimed:
                switch isTaken ? 0 : generator.number(0...5) {
                case 0, 1: state = .sent
                case 2 where mayBeLost: state = generator.number(0...1) == 0 ? .failed : .uncertain
                default: state = .ready
                }
            case .requested, .sent, .delivered, .failed, .uncertain, .calledOff: break
            }
        }
    }
}
