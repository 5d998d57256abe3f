import PaymentModel
import PaymentOrchestratorDomain
import Testing

/// A refund at a provider that knows no order again, as Alma, and everyone who may order it.
///
/// Whoever was asked for it may die or lose the answer; sweepers order in its place. Every step is atomic, anything may
/// come between two.
private struct RefundWorld: Hashable {
    /// A call that orders the refund.
    struct Order: Hashable {
        /// How many leases had passed when it left.
        let left: Int
        /// Whether the provider has seen it, and the object it made of it; none where it refused.
        var hasArrived = false
        var object: String?
        /// Whether its caller has stopped waiting, with an answer or without.
        var isOver = false
    }

    /// A sweeper: it looks, then orders again what it did not see.
    enum Sweeper: Hashable { case idle, read(ProviderReport, seen: Instant), done }

    static let refund = RefundID(5)
    static let lease = Duration.seconds(60)

    var payment: Payment
    let amount: Money
    var given: [ReportedRefund] = []
    var orders = [Order(left: 0)]
    var sweepers = [Sweeper](repeating: .idle, count: 2)
    /// How many leases have passed.
    var leases = 0
    var told = 0
    /// Whether an order took effect when its lease was over, and another had left.
    var wasOvertaken = false

    init(of cents: Int64) throws {
        amount = .euros(cents: cents)
        payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(Self.refund, of: amount, at: PaymentExamples.now)
    }

    var now: Instant { PaymentExamples.now.adding(Self.lease * leases) }

    var report: ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.refunds = given
        report.refundedInAll = .euros(cents: given.reduce(0) { $0 + $1.amount.minorUnits })
        return report
    }
}

extension RefundWorld {
    /// Every world one step away.
    func next(mayBeLate: Bool) throws -> [RefundWorld] {
        var worlds: [RefundWorld] = []
        func add(_ step: (inout RefundWorld) throws -> Void) rethrows {
            var world = self
            try step(&world)
            worlds.append(world)
        }
        if leases < 3 { add { $0.leases += 1 } }
        for index in orders.indices {
            let order = orders[index]
            // It leaves in the first half of its lease, and a provider in time has seen it before the end of it.
            if !order.hasArrived, mayBeLate || leases == order.left { add { $0.arrive(index) } }
            guard !order.isOver else { continue }
            try add { try $0.giveUp(index) }
            if order.hasArrived { try add { try $0.hear(index) } }
        }
        for index in sweepers.indices where orders.count < 3 { try add { try $0.sweep(index) } }
        return worlds
    }

    /// The provider carries an order out, unless more would go back than was paid.
    private mutating func arrive(_ index: Int) {
        orders[index].hasArrived = true
        wasOvertaken = wasOvertaken || leases > orders[index].left && index < orders.count - 1
        let sum = given.reduce(amount.minorUnits) { $0 + $1.amount.minorUnits }
        guard sum <= PaymentExamples.amount.minorUnits else { return }
        let object = "refund_\(index)"
        orders[index].object = object
        given.append(ReportedRefund(id: Self.refund, reference: object, amount: amount))
    }

    /// The answer is lost, or comes too late for whoever waited.
    private mutating func giveUp(_ index: Int) throws {
        orders[index].isOver = true
        note(try payment.recordRefund(Self.refund, .unknown))
    }

    /// The answer arrives; a refusal is not believed where the provider lists the refund.
    private mutating func hear(_ index: Int) throws {
        orders[index].isOver = true
        if let object = orders[index].object {
            note(try payment.recordRefund(Self.refund, .completed(reference: object, schedule: [])))
        } else if given.contains(where: { $0.id == Self.refund }) {
            try observe(report)
        } else {
            note(try payment.recordRefund(Self.refund, .refused("too much")))
        }
    }

    /// Looks once the last order had its lease, and acts on what it saw.
    private mutating func sweep(_ index: Int) throws {
        switch sweepers[index] {
        case .idle:
            guard let refund = payment.refunds.first, !refund.state.isDecided, now - refund.orderedAt >= Self.lease
            else { return }
            sweepers[index] = .read(report, seen: refund.orderedAt)
        case .read(let report, let seen):
            sweepers[index] = .done
            guard !report.refunds.contains(where: { $0.id == Self.refund }), !payment.isPuzzled(by: report) else {
                return try observe(report)
            }
            guard (try? payment.orderRefundAgain(Self.refund, seen: seen, at: now, lease: Self.lease)) != nil else {
                return
            }
            // The adapter's own look, right before the order leaves.
            guard !given.contains(where: { $0.id == Self.refund }) else { return try observe(self.report) }
            orders.append(Order(left: leases))
        case .done: return
        }
    }

    private mutating func observe(_ report: ProviderReport) throws {
        note(try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context()))
    }

    private mutating func note(_ facts: [PaymentFact]) {
        told += facts.count { if case .refundCompleted = $0 { true } else { false } }
    }

    /// Everybody died where they stood, and what is under way never arrives: sweepers look until there is nothing to
    /// ask, and once more a day later.
    mutating func settle() throws {
        for _ in 0..<4 {
            leases += 1
            sweepers = [.idle]
            try sweep(0)
            try sweep(0)
            guard let last = orders.indices.last, !orders[last].hasArrived, orders[last].left == leases else {
                continue
            }
            arrive(last)
            try hear(last)
        }
        try observe(report)
    }
}

@Suite struct `PAY-10, PAY-12: a refund whose order may be repeated where the provider knows no repetition` {
    @Test(arguments: [Int64(5_000), 20_000], [false, true])
    func `goes back once, but where an order takes effect after its lease beside the next: that is told of`(
        cents: Int64, mayBeLate: Bool
    ) throws {
        let start = try RefundWorld(of: cents)
        var seen: Set<RefundWorld> = [start]
        var frontier = [start]
        var twice = 0
        while let world = frontier.popLast() {
            if try check(world) { twice += 1 }
            for next in try world.next(mayBeLate: mayBeLate) where seen.insert(next).inserted { frontier.append(next) }
        }
        #expect(seen.count > 100)
        // Neither a key nor a sum keeps a part from going back twice; all of it the provider gives back once.
        #expect((twice > 0) == (mayBeLate && cents < PaymentExamples.amount.minorUnits), "\(twice) of \(seen.count)")
    }

    /// Answers whether it went back more than once.
    private func check(_ reached: RefundWorld) throws -> Bool {
        var world = reached
        try world.settle()
        let again = world.given.count - 1
        let alarms = [String](repeating: "refunded-twice", count: max(0, again))
        let isDone = world.told == 1 && world.payment.refunds.map(\.state) == [.completed]
        let isTold = world.payment.alarms.map(\.kind) == alarms && !world.payment.refundable.isNegative
        let holds = again >= 0 && (again == 0 || world.wasOvertaken) && isDone && isTold
        #expect(holds, "from \(reached) the sweepers came to \(world)")
        return again > 0
    }

    @Test func `is not ordered again while the provider's sum hides one of its amount, whatever else was given back`()
        throws
    {
        var payment = try PaymentExamples.payment(in: .accepted)
        for (id, cents) in [(RefundID(1), Int64(3_000)), (RefundID(2), 5_000)] {
            _ = try payment.requestRefund(id, of: .euros(cents: cents), at: PaymentExamples.now)
        }
        _ = try payment.recordRefund(RefundID(1), .completed(reference: "first", schedule: []))
        _ = try payment.recordRefund(RefundID(2), .unknown)
        let first = ReportedRefund(id: RefundID(1), reference: "first", amount: .euros(cents: 3_000))
        let cases: [([ReportedRefund], Int64?, Bool)] = [
            ([first], 8_000, true), ([], 8_000, true), ([first], 7_999, false), ([first], 3_000, false),
            ([], 3_000, false), ([first], nil, false),
        ]
        for (list, sum, isPuzzled) in cases {
            var report = PaymentExamples.report(.paid)
            (report.refunds, report.refundedInAll) = (list, sum.map { Money.euros(cents: $0) })
            #expect(payment.isPuzzled(by: report) == isPuzzled, "\(list.count) listed, \(sum ?? -1) in all")
        }
    }

    @Test func `is looked at once more after an order was repeated, since the first may take effect yet`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 500), at: PaymentExamples.now)
        let later = PaymentExamples.now.adding(.seconds(60))
        try payment.orderRefundAgain(
            RefundID(1), seen: PaymentExamples.now, at: later, lease: .seconds(60))
        #expect(payment.nextLaterLook(after: later) == nil, "it is asked about anyway")
        _ = try payment.recordRefund(RefundID(1), .refused("no"))
        #expect(looks(at: payment) == [3_660, 86_460])
        #expect(payment.pendingCalls == [.follow(PaymentExamples.attempt, reference: PaymentExamples.reference)])
    }

    @Test func `is looked at for a month after it was done, since it may come back, PAY-10`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        #expect(looks(at: payment).isEmpty)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 500), at: PaymentExamples.now)
        _ = try payment.requestRefund(RefundID(2), of: .euros(cents: 500), at: PaymentExamples.now.adding(.seconds(60)))
        _ = try payment.recordRefund(RefundID(1), .completed(reference: "first", schedule: []))
        _ = try payment.recordRefund(RefundID(2), .refused("no"))
        #expect(looks(at: payment) == [86_400, 604_800, 2_592_000], "and what was refused went nowhere")
        #expect(payment.pendingCalls == [.follow(PaymentExamples.attempt, reference: PaymentExamples.reference)])
    }

    /// When it is looked at, in seconds from the examples' time.
    private func looks(at payment: Payment) -> [Int64] {
        var (seconds, last) = ([Int64](), PaymentExamples.now)
        while let next = payment.nextLaterLook(after: last) {
            seconds.append((next - PaymentExamples.now).components.seconds)
            last = next
        }
        return seconds
    }
}
