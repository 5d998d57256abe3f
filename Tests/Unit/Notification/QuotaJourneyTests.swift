import NotificationDomain
import PaymentModel
import Testing

/// NOT-8, NOT-10: what messages have of a quota, whatever becomes of them.
@Suite struct `The messages of a quota` {
    @Test func `NOT-8, NOT-10: take what was promised with a claim, once; in the end it lost what was billed`() {
        holds(seeds: 1...400) { generator in
            var books = Books()
            for _ in 0..<150 {
                try books.step(&generator)
                guard books.isSound else { return false }
            }
            try books.end()
            return books.isSound && books.isSettled
        }
    }

    @Test func `NOT-8: a claim leaves as much as there was, and a second one of the same message takes nothing`() {
        var quota = Quota(booked: 10, reserved: 5, used: 2)
        var held = HeldParts(promised: 3)
        for _ in 0..<2 {
            quota.take(held.take())
            #expect(held == HeldParts(taken: 3))
            #expect(quota == Quota(booked: 10, reserved: 2, used: 5))
        }
    }

    @Test func `NOT-8: what was billed is used in place of what was taken, whichever is more`() {
        for (billed, used, beyond) in [(0, 2, 0), (2, 4, 0), (3, 5, 0), (6, 8, 0), (9, 8, 3)] {
            var quota = Quota(booked: 10, reserved: 2, used: 5)
            quota.consume(billed, of: HeldParts(taken: 3))
            #expect(quota == Quota(booked: 10, reserved: 2, used: used, beyond: beyond), "\(billed) billed")
        }
    }

    @Test func `NOT-8: what is written anew is promised parts in place of those it had, all or none`() throws {
        var quota = Quota(booked: 10, reserved: 4, used: 5)
        let before = quota
        let held = HeldParts(promised: 2, taken: 1)
        #expect(throws: Quota.Rejection.tooFew(left: 4, wanted: 5)) { try quota.reserve(5, inPlaceOf: held) }
        #expect(quota == before)
        try quota.reserve(4, inPlaceOf: held)
        #expect(quota == Quota(booked: 10, reserved: 6, used: 4))
    }
}

/// A quota with its messages, as their rows keep them, and what gateways billed.
private struct Books {
    private struct Row {
        var message: Message
        /// How many its words make.
        var planned = 0
        var held = HeldParts()
        /// What is known to be billed.
        var parts: Int?
        /// Whether the quota knows its end.
        var isCounted = true
        /// Whether nobody will send it again.
        var isOver = false
        /// What a gateway bills; what may have left, and nobody knows, counts.
        var billed = 0

        /// As `MessageStore.countingAnew`.
        mutating func countAnew() {
            if isCounted { held = HeldParts() }
            isCounted = isCounted && parts != nil
        }

        /// As `MessageStore.countParts`.
        mutating func countParts() {
            countAnew()
            parts = parts ?? planned
        }
    }

    private var quota = Quota()
    private var rows: [Row] = []

    /// The quota has what its messages have, and is not overdrawn.
    var isSound: Bool {
        let open = rows.filter { !$0.isCounted }
        let counted = rows.filter(\.isCounted).reduce(0) { $0 + ($1.parts ?? 0) }
        return quota.left >= 0 && (quota.beyond == 0 || quota.left == 0)
            && quota.reserved == open.reduce(0) { $0 + $1.held.promised }
            && quota.used + quota.beyond == counted + open.reduce(0) { $0 + $1.held.taken }
    }

    var isSettled: Bool {
        quota.reserved == 0 && quota.used + quota.beyond == rows.reduce(0) { $0 + $1.billed }
    }

    mutating func step(_ generator: inout SeededGenerator) throws {
        switch generator.number(0...9) {
        case 0: try quota.book(generator.number(1...6))
        case 1: rows.append(Row(message: Message(id: MessageID(UInt128(rows.count + 1)))))
        case 2: count()
        default:
            guard let index = rows.indices.randomElement(using: &generator) else { return }
            var row = rows[index]
            switch row.message.state {
            case .requested, .ready: try prepare(&row, &generator)
            case .claimed: try answer(&row, &generator)
            case .uncertain: try findOut(&row, &generator)
            case .sent, .failed, .calledOff: try hear(of: &row, &generator)
            case .delivered: break
            }
            rows[index] = row
        }
    }

    /// Its words are written, called off, unwritten, or it is claimed.
    private mutating func prepare(_ row: inout Row, _ generator: inout SeededGenerator) throws {
        switch (row.message.state, generator.number(0...5)) {
        case (_, 0): try row.message.callOff()
        case (.requested, _):
            row.planned = generator.number(1...3)
            var promised = 0
            // What the client's own business asks for is sent all the same.
            if (try? quota.reserve(row.planned, inPlaceOf: row.held)) != nil {
                promised = row.planned
            } else {
                quota.release(row.held)
            }
            row.held = HeldParts(promised: promised)
            row.isCounted = false
            try row.message.prepare()
        case (_, 1):
            try row.message.rewrite()
            row.countAnew()
        default:
            try row.message.claim()
            quota.take(row.held.take())
        }
    }

    /// What its call came to, as far as the worker knows.
    private mutating func answer(_ row: inout Row, _ generator: inout SeededGenerator) throws {
        switch generator.number(0...7) {
        case 0: try row.message.conclude(.refused(reason: "bad number"))
        case 1: try row.message.conclude(.notTaken(reason: "throttled"))
        case 2: try row.message.conclude(.notCalled(reason: "held up"))
        case 3, 4:
            row.billed = generator.number(0...1) * row.planned
            try row.message.conclude(.unknown(reason: "time-out"))
        default:
            let parts = generator.number(1...4)
            (row.billed, row.parts) = (parts, parts)
            try row.message.conclude(.accepted(reference: nil, parts: parts))
        }
    }

    /// What becomes of one of which nobody knows whether it left.
    private mutating func findOut(_ row: inout Row, _ generator: inout SeededGenerator) throws {
        switch generator.number(0...3) {
        case 0: (row.isOver, row.billed) = (true, row.planned)
        case 1:
            row.billed = row.planned
            try row.message.settle(.giveUp)
            row.countParts()
        case 2 where row.billed > 0: try row.message.confirmDelivery()
        case 3 where row.billed > 0:
            try row.message.reportUndelivered()
            row.countParts()
        default:
            guard row.billed == 0 else { return }
            try row.message.settle(.sendAgain)
        }
    }

    /// A receipt comes, also of what seemed not to have left; or what was called off is wanted again.
    private mutating func hear(of row: inout Row, _ generator: inout SeededGenerator) throws {
        switch (row.message.state, generator.number(0...3)) {
        case (.sent, 0): try row.message.reportUndelivered()
        case (.sent, _): try row.message.confirmDelivery()
        case (_, 0) where row.billed == 0 && row.message.tries > 0:
            row.billed = row.planned
            try row.message.confirmDelivery()
            row.countParts()
        case (.calledOff, 1) where row.billed == 0:
            try row.message.wantAgain()
            row.countAnew()
        default: break
        }
    }

    /// As `count-messages`.
    private mutating func count() {
        for index in rows.indices where !rows[index].isCounted {
            var row = rows[index]
            let planned = row.message.state == .failed || row.message.state == .calledOff ? nil : row.planned
            let billed = row.message.state.billed(
                asGatewaySays: row.parts, planned: row.planned, isOver: row.isOver)
            guard let billed else { continue }
            quota.consume(billed, of: row.held)
            row.parts = row.parts ?? planned
            row.isCounted = true
            rows[index] = row
        }
    }

    /// What has not left is called off, what may have left is too old to be sent again, and all is counted.
    mutating func end() throws {
        for index in rows.indices {
            if rows[index].message.state == .claimed {
                try rows[index].message.conclude(.notTaken(reason: "throttled"))
            }
            switch rows[index].message.state {
            case .requested, .ready: try rows[index].message.callOff()
            case .uncertain: (rows[index].isOver, rows[index].billed) = (true, rows[index].planned)
            case .claimed, .sent, .delivered, .failed, .calledOff: break
            }
        }
        count()
    }
}
