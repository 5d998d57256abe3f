import NotificationDomain
import Testing

/// NOT-8: never more parts are promised than there are, and none is lost.
@Suite struct `A quota of SMS parts` {
    @Test func `NOT-8: whatever happens, it is not overdrawn, and what was billed is used or beyond`() {
        holds(seeds: 1...300) { generator in
            var quota = Quota()
            var (billed, promised, booked) = (0, 0, 0)
            for _ in 0..<60 {
                let parts = generator.number(0...40)
                switch generator.number(0...5) {
                case 0:
                    if (try? quota.book(parts)) != nil { booked += parts }
                case 1:
                    if (try? quota.book(-parts)) != nil { booked -= parts }
                case 2:
                    if (try? quota.reserve(parts)) != nil { promised += parts }
                case 3:
                    let given = min(parts, promised)
                    quota.release(HeldParts(promised: given))
                    promised -= given
                default:
                    let given = min(generator.number(0...40), promised)
                    quota.consume(parts, of: HeldParts(promised: given))
                    promised -= given
                    billed += parts
                }
                let isSound =
                    quota.left >= 0 && quota.reserved == promised && quota.booked == booked
                    && quota.used + quota.beyond == billed && (quota.beyond == 0 || quota.left == 0)
                guard isSound else { return false }
            }
            return true
        }
    }

    @Test func `NOT-8: a reservation is whole or refused, with what is left`() throws {
        var quota = Quota(booked: 10, used: 4)
        #expect(throws: Quota.Rejection.tooFew(left: 6, wanted: 7)) { try quota.reserve(7) }
        try quota.reserve(6)
        #expect(quota.left == 0)
        #expect(throws: Quota.Rejection.tooFew(left: 0, wanted: 1)) { try quota.reserve(1) }
        #expect(throws: Quota.Rejection.tooFew(left: 0, wanted: 1)) { try quota.book(-1) }
        #expect(throws: Quota.Rejection.nothing) { try quota.book(0) }
        quota.consume(2, of: HeldParts(promised: 4))
        #expect(quota.left == 2 && quota.used == 6 && quota.reserved == 2)
    }

    @Test func `NOT-8: what was billed with nothing left is paid first by what is booked`() throws {
        var quota = Quota(booked: 3)
        quota.consume(5, of: HeldParts())
        #expect(quota.used == 3 && quota.beyond == 2 && quota.left == 0)
        try quota.book(10)
        #expect(quota.used == 5 && quota.beyond == 0 && quota.left == 8)
    }

    @Test func `NOT-8: few left is told once, and again after there were more`() throws {
        var quota = Quota(booked: 10)
        var told = [quota.warn(below: 5)]
        for step in [6, nil, -10, 12] {
            if let step, step > 0 { try quota.reserve(step) } else if let step { try quota.book(-step) }
            told.append(quota.warn(below: 5))
        }
        #expect(told == [false, true, false, false, true])
    }

    @Test func `NOT-8: what a gateway took is billed, whatever became of it; what never left is not`() {
        let told: [(Message.State, parts: Int?, billed: Int?)] = [
            (.sent, 3, 3), (.delivered, 3, 3), (.delivered, nil, 2), (.failed, 3, 3), (.failed, nil, 0),
            (.calledOff, nil, 0), (.uncertain, nil, nil), (.ready, nil, nil), (.claimed, nil, nil),
            (.requested, nil, nil),
        ]
        for (state, parts, billed) in told {
            #expect(state.billed(asGatewaySays: parts, planned: 2, isOver: false) == billed, "\(state)")
        }
        #expect(Message.State.uncertain.billed(asGatewaySays: nil, planned: 2, isOver: true) == 2)
    }
}
