import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-12: what went back at the provider and a person counts` {
    private static let order = RefundID(1)

    private func payment(refunded outcome: RefundOutcome = .unknown) throws -> Payment {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(Self.order, of: .euros(cents: 500), at: PaymentExamples.now)
        _ = try payment.recordRefund(Self.order, outcome)
        return payment
    }

    private func listed(_ reference: String, _ cents: Int64, id: RefundID? = Self.order) -> ReportedRefund {
        ReportedRefund(id: id, reference: reference, amount: .euros(cents: cents))
    }

    /// A reading that was asked for after all that is known by now.
    @discardableResult
    private func observe(_ list: [ReportedRefund], _ payment: inout Payment) throws -> [PaymentFact] {
        let context = PaymentExamples.context(failedRefunds: failed(payment))
        return try payment.observe(report(list), of: PaymentExamples.attempt, in: context)
    }

    @discardableResult
    private func count(
        _ alarm: Alarm, _ list: [ReportedRefund], _ payment: inout Payment
    ) throws -> [PaymentFact] {
        let context = PaymentExamples.context(failedRefunds: failed(payment))
        return try payment.resolve(alarm, by: .count, because: "why", report(list), in: context)
    }

    private func report(_ list: [ReportedRefund]) -> ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.refunds = list
        return report
    }

    private func failed(_ payment: Payment) -> Set<RefundID> {
        Set(payment.refunds.filter(\.state.failedByList).map(\.id))
    }

    private func completed(_ payment: Payment) -> [Int64] {
        payment.refunds.filter { $0.state == .completed }.map(\.amount.minorUnits)
    }

    @Test func `is not counted again when the provider's list is right by then`() throws {
        var payment = try payment()
        try observe([listed("first", 501)], &payment)
        let alarm = try #require(payment.alarms.first)
        try observe([listed("first", 500)], &payment)
        #expect(completed(payment) == [500])
        let facts = try count(alarm, [listed("first", 500)], &payment)
        #expect(facts == [.alarmResolved(alarm, .count, reason: "why")])
        #expect(completed(payment) == [500] && payment.alarms.isEmpty)
    }

    @Test func `completes the order when the decision's own reading is the first that is right`() throws {
        var payment = try payment()
        try observe([listed("first", 501)], &payment)
        let alarm = try #require(payment.alarms.first)
        let facts = try count(alarm, [listed("first", 500)], &payment)
        #expect(
            facts == [.refundCompleted(payment.refunds[0]), .alarmResolved(alarm, .count, reason: "why")])
        #expect(completed(payment) == [500])
    }

    @Test func `with an amount that changes once more replaces what was counted before`() throws {
        var payment = try payment()
        for cents in [Int64(501), 502] {
            try observe([listed("first", cents)], &payment)
            try count(try #require(payment.alarms.first), [listed("first", cents)], &payment)
            #expect(completed(payment) == [cents])
        }
        #expect(payment.refundable == .euros(cents: 19_498))
    }

    @Test func `is no stranger any more when our order's answer names it`() throws {
        var payment = try payment()
        try observe([listed("first", 500, id: nil)], &payment)
        #expect(payment.alarms.map(\.kind) == ["refunded-elsewhere"])
        _ = try payment.recordRefund(Self.order, .completed(reference: "first", schedule: []))
        #expect(payment.alarms.isEmpty && completed(payment) == [500])
    }

    @Test func `keeps its alarm when the order's answer names it and the amount differs, and is counted once`() throws {
        var payment = try payment()
        let list = [listed("first", 501, id: nil)]
        try observe(list, &payment)
        _ = try payment.recordRefund(Self.order, .completed(reference: "first", schedule: []))
        try count(try #require(payment.alarms.first), list, &payment)
        #expect(completed(payment) == [501])
    }

    @Test(arguments: [
        RefundOutcome.completed(reference: "first", schedule: []), .pending(reference: "first"),
    ])
    func `is not told once more by the late answer of the order that did it`(_ answer: RefundOutcome) throws {
        var payment = try payment()
        let list = [listed("first", 501, id: nil)]
        try observe(list, &payment)
        try count(try #require(payment.alarms.first), list, &payment)
        let facts = try payment.recordRefund(Self.order, answer)
        #expect(facts == [.refundFailed(payment.refunds[0], reason: "counted-already")])
        #expect(try observe(list, &payment).isEmpty && completed(payment) == [501])
        #expect(payment.refundable == .euros(cents: 19_499) && payment.hasNothingOpen)
    }

    @Test(arguments: [
        RefundOutcome.completed(reference: "first", schedule: []), .pending(reference: "first"), .unknown,
    ])
    func `is the order that had no answer, where it is of the same amount, and no order leaves again`(
        _ late: RefundOutcome
    ) throws {
        var payment = try payment()
        let list = [listed("first", 500, id: nil)]
        try observe(list, &payment)
        let alarm = try #require(payment.alarms.first)
        let facts = try count(alarm, list, &payment)
        #expect(facts == [.refundCompleted(payment.refunds[0]), .alarmResolved(alarm, .count, reason: "why")])
        #expect(payment.hasNothingOpen && completed(payment) == [500])
        let answered = try payment.recordRefund(Self.order, late)
        #expect(try answered.isEmpty && observe(list, &payment).isEmpty)
        #expect(payment.refundable == .euros(cents: 19_500))
    }

    @Test func `keeps an order from leaving again until somebody says what it is`() throws {
        let list = [listed("first", 700, id: nil)]
        for decision in [Resolution.count, .note] {
            var payment = try payment()
            #expect(payment.isPuzzled(by: report(list)))
            try observe(list, &payment)
            #expect(payment.isPuzzled(by: report(list)), "an alarm is no decision")
            let alarm = try #require(payment.alarms.first)
            _ = try payment.resolve(
                alarm, by: decision, because: "why", report(list), in: PaymentExamples.context())
            #expect(!payment.isPuzzled(by: report(list)) && !payment.hasNothingOpen, "\(decision)")
        }
        let failed = ReportedRefund(id: nil, reference: "x", amount: .euros(cents: 500), failure: "no")
        let calm = try payment()
        #expect(!calm.isPuzzled(by: report([failed, listed("ours", 500)])))
    }

    @Test func `keeps an order from leaving that the provider may neither list nor know again`() throws {
        let payment = try payment()
        var report = report([])
        report.hidesRefundsBefore = PaymentExamples.now
        #expect(!payment.isPuzzled(by: report), "it is known again still")
        report.hidesRefundsBefore = PaymentExamples.now.adding(.seconds(1))
        #expect(payment.isPuzzled(by: report))
        let taken = try self.payment(refunded: .pending(reference: "ours"))
        #expect(!taken.isPuzzled(by: report), "it is read by its name")
    }

    @Test func `keeps an order from leaving while the provider has not carried it out`() throws {
        let payment = try payment()
        var report = report([])
        report.pendingRefunds = [PendingRefund(id: nil, reference: "by hand")]
        #expect(payment.isPuzzled(by: report))
        report.pendingRefunds = [PendingRefund(id: Self.order, reference: "ours")]
        #expect(!payment.isPuzzled(by: report), "nothing of it is a stranger's")
    }

    @Test(arguments: [
        (ProviderReport.Status.pending, PaymentExamples.amount),
        (ProviderReport.Status.paid, Money.euros(cents: 19_000)),
        (ProviderReport.Status.cancelled, Money.euros(cents: 19_000)),
    ])
    func `is shown to whoever can decide about it, whatever else the report that keeps an order says`(
        _ status: ProviderReport.Status, _ amount: Money
    ) throws {
        var payment = try payment()
        var report = report([listed("by hand", 500, id: nil)])
        (report.status, report.amount) = (status, amount)
        _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        let alarm = try #require(payment.alarms.first { $0.kind == "refunded-elsewhere" })
        _ = try payment.resolve(alarm, by: .count, because: "why", report, in: PaymentExamples.context())
        #expect(completed(payment) == [500] && payment.hasNothingOpen)
    }

    @Test(arguments: [-61, -59, 0, 3_600])
    func `is no order that was asked for after it`(_ seconds: Int) throws {
        var payment = try payment()
        let madeAt = PaymentExamples.now.adding(.seconds(seconds))
        let list = [ReportedRefund(id: nil, reference: "x", amount: .euros(cents: 500), madeAt: madeAt)]
        try observe(list, &payment)
        try count(try #require(payment.alarms.first), list, &payment)
        let isOther = seconds < -60
        #expect(completed(payment) == [500] && payment.hasNothingOpen != isOther)
        #expect(payment.refunds.map(\.state) == (isOther ? [.unknown, .completed] : [.completed]))
    }

    @Test func `is no order that the provider took and has not carried out`() throws {
        let list = [listed("x", 500, id: nil)]
        var pending = try payment(refunded: .pending(reference: nil))
        try observe(list, &pending)
        try count(try #require(pending.alarms.first), list, &pending)
        #expect(pending.refunds.map(\.state) == [.pending, .completed])
        // The provider knows more than we do.
        var unknown = try payment()
        try observe(list, &unknown)
        var report = report(list)
        report.pendingRefunds = [PendingRefund(id: Self.order, reference: "ours")]
        let alarm = try #require(unknown.alarms.first)
        _ = try unknown.resolve(alarm, by: .count, because: "why", report, in: PaymentExamples.context())
        #expect(unknown.refunds.map(\.state) == [.unknown, .completed])
    }

    @Test func `is decided about after the lease of an order of the same amount`() throws {
        var payment = try payment()
        let list = [listed("x", 500, id: nil)]
        try observe(list, &payment)
        let (alarm, before) = (try #require(payment.alarms.first), payment)
        #expect(throws: ResolutionRejection.refundUnderWay) {
            _ = try payment.resolve(
                alarm, by: .count, because: "why", report(list), in: PaymentExamples.context(orderLease: .seconds(60)))
        }
        #expect(payment == before)
    }

    @Test(arguments: [Int64(500), 501])
    func `leaves a second object under the same order to a person, whatever its amount`(_ cents: Int64) throws {
        var payment = try payment()
        try observe([listed("first", 501)], &payment)
        try count(try #require(payment.alarms.first), [listed("first", 501)], &payment)
        let both = [listed("first", 501), listed("second", cents)]
        let second = Alarm.refundedTwice(reference: "second", amount: .euros(cents: cents))
        #expect(try observe(both, &payment) == [.alarm(second)])
        try count(second, both, &payment)
        #expect(completed(payment) == [501, cents] && payment.alarms.isEmpty)
    }

    @Test func `leaves what an undone order's late answer names to a person`() throws {
        var payment = try payment()
        try observe([listed("first", 501)], &payment)
        try count(try #require(payment.alarms.first), [listed("first", 501)], &payment)
        let late = try payment.recordRefund(Self.order, .completed(reference: "second", schedule: []))
        #expect(late == [.alarm(.refundedTwice(reference: "second", amount: .euros(cents: 500)))])
    }

    @Test func `alarms when what failed is listed as done with another amount`() throws {
        var payment = try payment(refunded: .completed(reference: "first", schedule: []))
        let back = ReportedRefund(id: Self.order, reference: "first", amount: .euros(cents: 500), failure: "no")
        try observe([back], &payment)
        let list = [listed("first", 501)]
        let alarm = Alarm.refundDiffers(reference: "first", asked: .euros(cents: 500), reported: .euros(cents: 501))
        #expect(try observe(list, &payment) == [.alarm(alarm)])
        #expect(throws: ResolutionRejection.refundNotListed) {
            // The list was asked for before it failed.
            _ = try payment.resolve(alarm, by: .count, because: "why", report(list), in: PaymentExamples.context())
        }
        try count(alarm, list, &payment)
        #expect(completed(payment) == [501] && payment.refundable == .euros(cents: 19_499))
        #expect(payment.alarms.map(\.kind) == ["refund-arrived"])
    }

    /// Readings, the order's answer and decisions come in any order, and every alarm is counted in the end.
    @Test func `ends in the provider's list, each of it once, whatever came when`() {
        holds { generator in
            var list: [ReportedRefund] = []
            for name in ["first", "second"] {
                let id = Bool.random(using: &generator) ? Self.order : nil
                list.append(listed(name, generator.number(500...501), id: id))
            }
            var payment = try self.payment()
            var facts: [PaymentFact] = []
            for _ in 0..<8 {
                switch generator.number(0...2) as Int {
                case 0: facts += try observe(list.filter { _ in Bool.random(using: &generator) }, &payment)
                case 1:
                    facts += try payment.recordRefund(Self.order, .completed(reference: "first", schedule: []))
                default:
                    guard let alarm = payment.alarms.randomElement(using: &generator) else { continue }
                    facts += try count(alarm, list, &payment)
                }
            }
            facts += try observe(list, &payment)
            while let alarm = payment.alarms.first { facts += try count(alarm, list, &payment) }
            let told = facts.reduce(Int64(0)) { sum, fact in
                switch fact {
                case .refundCompleted(let refund): sum + refund.amount.minorUnits
                case .refundReturned(let refund, _): sum - refund.amount.minorUnits
                default: sum
                }
            }
            let ours = payment.refunds.filter { $0.state == .completed }
            return ours.count == 2 && told == list.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
                && list.allSatisfy { one in
                    ours.contains { $0.reference == one.reference && $0.amount == one.amount }
                }
        }
    }
}
