import NotificationDomain
import PaymentModel
import Testing

/// NOT-10: claim, call, outcome; a message is never sent twice because something was restarted.
@Suite struct `A message` {
    static let outcomes: [DispatchOutcome] = [
        .accepted(reference: "t1", parts: 1), .refused(reason: "bad number"), .notTaken(reason: "throttled"),
        .unknown(reason: "time-out"), .notCalled(reason: "held up"), .barred(reason: "on a list of its own"),
    ]

    @Test(arguments: Message.State.allCases)
    func `can be claimed when it is ready and in no other state`(state: Message.State) {
        var message = Message(id: MessageID(1), state: state)
        let claimed = (try? message.claim()) != nil
        #expect(claimed == (state == .ready))
        #expect(message.state == (claimed ? .claimed : state))
    }

    @Test(arguments: Message.State.allCases, outcomes)
    func `takes an outcome only while a call is open, and that it was taken also where it waits, or was called off`(
        state: Message.State, outcome: DispatchOutcome
    ) {
        var message = Message(id: MessageID(1), state: state, tries: 1)
        let took = (try? message.conclude(outcome)) != nil
        let isTaken = if case .accepted = outcome { true } else { false }
        let isLate = state == .ready || state == .requested || state == .calledOff
        #expect(took == (state == .claimed || state == .uncertain || isTaken && isLate))
        #expect(!isTaken || !took || message.state == .sent)
    }

    @Test(arguments: [Message.State.requested, .ready, .calledOff])
    func `was not taken by anybody while nobody was called for it`(state: Message.State) {
        var message = Message(id: MessageID(1), state: state)
        #expect(throws: Message.Rejection.not(possibleIn: state)) {
            try message.conclude(.accepted(reference: "t1", parts: 1))
        }
    }

    @Test func `NOT-10: is never called again after a call whose outcome nobody knows`() throws {
        var message = Message(id: MessageID(1), state: .ready)
        try message.claim()
        try message.conclude(.unknown(reason: "time-out"))
        #expect(message.state == .uncertain)
        #expect(throws: Message.Rejection.not(possibleIn: .uncertain)) { try message.claim() }
    }

    @Test func `is as if nobody had had it when the worker that did called nobody`() throws {
        var message = Message(id: MessageID(1), state: .ready)
        for _ in 0..<16 {
            try message.claim()
            try message.conclude(.notCalled(reason: "held up"))
        }
        #expect(message == Message(id: MessageID(1), state: .ready))
        #expect(throws: Message.Rejection.not(possibleIn: .ready)) { try message.confirmDelivery() }
    }

    @Test(arguments: Message.State.allCases)
    func `is written anew while it is ready and in no other state`(state: Message.State) {
        var message = Message(id: MessageID(1), state: state)
        let isRewritten = (try? message.rewrite()) != nil
        #expect(isRewritten == (state == .ready) && message.state == (isRewritten ? .requested : state))
    }

    @Test(arguments: Message.State.allCases)
    func `is wanted again when it was called off and in no other state`(state: Message.State) {
        var message = Message(id: MessageID(1), state: state)
        let isWanted = (try? message.wantAgain()) != nil
        #expect(isWanted == (state == .calledOff) && message.state == (isWanted ? .requested : state))
    }

    @Test(arguments: Message.State.allCases, Finding.allCases)
    func `is settled by a person only while nobody knows what became of it`(state: Message.State, finding: Finding) {
        var message = Message(id: MessageID(1), state: state, tries: 1)
        #expect(((try? message.settle(finding)) != nil) == (state == .uncertain))
    }

    @Test(arguments: Message.State.allCases)
    func `needs its words as long as it may be called for again`(state: Message.State) {
        let mayLeave: Set<Message.State> = [.requested, .ready, .claimed, .uncertain]
        #expect(Message(id: MessageID(1), state: state).needsText == mayLeave.contains(state))
    }

    @Test(arguments: [Lane.normal, .bulk])
    func `is tried again, up to an hour apart, for as long as the gateway has no part of it`(lane: Lane) throws {
        var message = Message(id: MessageID(1), state: .ready)
        var pauses: [Int64] = []
        for _ in 0..<100 {
            try message.claim()
            try message.conclude(.notTaken(reason: "throttled"))
            pauses.append(message.pauseSeconds(in: lane))
        }
        #expect(pauses.prefix(6) == [5, 20, 80, 320, 1_280, 3_600])
        #expect(pauses.dropFirst(6).allSatisfy { $0 == 3_600 })
        #expect(message.state == .ready)
    }

    @Test func `NOT-10, NOT-11: is tried again a quarter of a minute later at the most where somebody waits for it`() {
        for tries in 0..<200 {
            let message = Message(id: MessageID(1), state: .ready, tries: tries)
            let (urgent, normal) = (message.pauseSeconds(in: .urgent), message.pauseSeconds(in: .normal))
            #expect((5...15).contains(urgent) && urgent <= normal)
        }
        #expect(Message(id: MessageID(1), state: .ready, tries: 1).pauseSeconds(in: .urgent) == 5)
        #expect(Message(id: MessageID(1), state: .ready, tries: 2).pauseSeconds(in: .urgent) == 15)
    }

    @Test func `NOT-10, C-14: believes a receipt although the gateway said it had no part of it`() throws {
        var message = Message(id: MessageID(1), state: .ready)
        #expect(throws: Message.Rejection.not(possibleIn: .ready)) { try message.confirmDelivery() }
        try message.claim()
        try message.conclude(.notTaken(reason: "throttled"))
        try message.confirmDelivery()
        #expect(message.state == .delivered)
    }

    @Test(arguments: Message.State.allCases)
    func `is lost by a receipt only where a gateway has it, and not while it waits for its next try`(
        state: Message.State
    ) {
        var message = Message(id: MessageID(1), state: state, tries: 1)
        let mayBeThere: Set<Message.State> = [.claimed, .uncertain, .sent]
        #expect(((try? message.reportUndelivered()) != nil) == mayBeThere.contains(state))
    }

    @Test func `has arrived where a receipt says so after one that said it did not, and not the other way round`()
        throws
    {
        var message = Message(id: MessageID(1), state: .sent, tries: 1)
        try message.reportUndelivered()
        try message.confirmDelivery()
        #expect(message.state == .delivered)
        #expect(throws: Message.Rejection.not(possibleIn: .delivered)) { try message.reportUndelivered() }
    }

    @Test func `has arrived where a receipt says so of its first try, though its second was called off`() throws {
        var message = Message(id: MessageID(1), state: .ready)
        try message.claim()
        try message.conclude(.unknown(reason: "time-out"))
        try message.settle(.sendAgain)
        try message.callOff()
        try message.confirmDelivery()
        #expect(message.state == .delivered)
    }

    /// Whatever was done to it since.
    @Test func `believes a receipt that it arrived once it was called for, and never before`() {
        let steps: [@Sendable (inout Message) throws -> Void] = [
            { try $0.prepare() }, { try $0.claim() }, { try $0.rewrite() }, { try $0.callOff() },
            { try $0.wantAgain() }, { try $0.abandon() }, { try $0.settle(.sendAgain) },
            { try $0.reportUndelivered() }, { try $0.conclude(.unknown(reason: "time-out")) },
            { try $0.conclude(.notTaken(reason: "throttled")) }, { try $0.conclude(.refused(reason: "bad number")) },
        ]
        holds { generator in
            var message = Message(id: MessageID(1))
            for _ in 0..<30 {
                // Most are not possible just then.
                try? steps[generator.number(0...steps.count - 1)](&message)
                var told = message
                let isBelieved = (try? told.confirmDelivery()) != nil
                guard isBelieved == (message.tries > 0) else { return false }
            }
            return true
        }
    }

    @Test func `NOT-10, C-14: believes a receipt that comes before the answer`() throws {
        var message = Message(id: MessageID(1), state: .ready)
        try message.claim()
        try message.confirmDelivery()
        #expect(message.state == .delivered)
    }
}

/// GEN-5: amounts as people of the language write them.
@Suite struct `Writing amounts` {
    @Test func `groups thousands and places the symbol`() {
        let amount = Money.euros(cents: 123_456_789)
        #expect(Wording.amount(amount, in: .french) == "1\u{202F}234\u{202F}567,89\u{202F}€")
        #expect(Wording.amount(amount, in: .english) == "€1,234,567.89")
        #expect(Wording.amount(.euros(cents: -5), in: .french) == "-0,05\u{202F}€")
    }
}
