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
    func `INV-5: a link gives way to the first mail while that waits, and then where it brought that very link`(
        state: Message.State, first: Occasion
    ) {
        for carried in [nil, Self.payment, Self.other] {
            let expected: MailTurn =
                switch state {
                case .requested, .ready: .givesWay
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

    @Test func `INV-5: whichever is asked for, claimed and turned away when, exactly one of both leaves`() {
        holds { generator in
            // The link is live all the time; one of them is asked for later than the other.
            let both: [Occasion] = generator.number(0...1) == 0 ? [.invoice, .invoiceLink] : [.invoiceLink, .invoice]
            var states: [Occasion: Message.State] = [both[0]: .ready]
            var taken = 0
            for step in 0..<100 {
                if states[both[1]] == nil, step > 30 || generator.number(0...20) == 0 { states[both[1]] = .ready }
                let occasion = both[generator.number(0...1)]
                switch states[occasion] {
                case .ready?: states[occasion] = self.next(occasion, states)
                case .claimed? where generator.number(0...2) == 0 && step < 60: states[occasion] = .ready
                case .claimed?:
                    states[occasion] = .sent
                    taken += 1
                default: continue
                }
            }
            return taken == 1 && Set(states.values) == [.sent, .calledOff]
        }
    }

    /// What becomes of one that is ready when a worker would claim it.
    private func next(_ occasion: Occasion, _ states: [Occasion: Message.State]) -> Message.State {
        let others = states.filter { $0.key != occasion }.map {
            InvoiceMail(occasion: $0.key, state: $0.value, carried: $0.value == .ready ? nil : Self.payment)
        }
        switch MailTurn(of: occasion, about: occasion == .invoiceLink ? Self.payment : nil, beside: others) {
        case .leaves: return .claimed
        case .waits: return .ready
        case .givesWay: return .calledOff
        }
    }
}
