import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-9: instalments after the acceptance` {
    private typealias State = InstalmentProgress.State

    private static func report(_ states: [State], cents: Int64 = 5_000, refunded: Int64 = 0) -> ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.instalments = states.enumerated().map { index, state in
            InstalmentProgress(
                dueOn: PaymentExamples.today.adding(months: index), amount: .euros(cents: cents),
                customerFee: .euros(cents: 0), state: state,
                paidOn: state == .paid ? PaymentExamples.today.adding(months: index) : nil)
        }
        report.schedule = report.instalments.map {
            ScheduledInstalment(dueOn: $0.dueOn, amount: $0.amount, customerFee: $0.customerFee)
        }
        if refunded > 0 {
            report.refunds = [
                ReportedRefund(id: RefundID(3), reference: "refund_3", amount: .euros(cents: refunded))
            ]
        }
        return report
    }

    private func accepted(_ states: [State]) throws -> Payment {
        var payment = try PaymentExamples.payment(in: .open)
        _ = try observe(&payment, Self.report(states))
        return payment
    }

    @discardableResult
    private func observe(_ payment: inout Payment, _ report: ProviderReport) throws -> [PaymentFact] {
        try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
    }

    @Test func `are told once each when they are paid or late, and the first with the acceptance`() throws {
        var payment = try accepted([.paid, .due, .due])
        #expect(payment.nextInstalmentOn == PaymentExamples.today.adding(months: 1))
        let late = try observe(&payment, Self.report([.paid, .late, .due]))
        #expect(late.count == 1)
        guard case .instalmentLate(let second) = late.first else { Issue.record("\(late)"); return }
        #expect(second.number == 2 && second.count == 3)
        #expect(try observe(&payment, Self.report([.paid, .late, .due])).isEmpty)
        let paid = try observe(&payment, Self.report([.paid, .paid, .paid]))
        #expect(paid.count == 2)
        #expect(payment.nextInstalmentOn == nil && payment.pendingCalls.isEmpty)
    }

    @Test func `an older reading takes nothing back, in whatever order readings are recorded`() {
        holds { generator in
            // What happened at the provider, read at every moment, recorded in any order and as often as may be.
            var states = [State.paid, .due, .due, .due]
            var readings = [Self.report(states)]
            for _ in 0..<8 {
                let index = generator.number(1...3) as Int
                if states[index] != .paid { states[index] = generator.number(0...1) as Int == 0 ? .late : .paid }
                readings.append(Self.report(states))
            }
            var payment = try accepted([.paid, .due, .due, .due])
            var told: [String] = []
            readings = readings + readings.shuffled(using: &generator) + [readings.last ?? readings[0]]
            for reading in readings.shuffled(using: &generator) + [Self.report(states)] {
                for fact in try observe(&payment, reading) {
                    switch fact {
                    case .instalmentPaid(let paid): told.append("paid \(paid.number)")
                    case .instalmentLate(let late): told.append("late \(late.number)")
                    default: return false
                    }
                }
            }
            let paid = states.indices.dropFirst().filter { states[$0] == .paid }.map { "paid \($0 + 1)" }
            return Set(told).count == told.count && told.filter { $0.hasPrefix("paid") }.sorted() == paid
                && payment.acceptance?.instalments.map(\.state) == states
        }
    }

    @Test func `a changed schedule is a fact, except where a refund tells it`() throws {
        var payment = try accepted([.paid, .due, .due])
        let changed = try observe(&payment, Self.report([.paid, .due, .due], cents: 4_000))
        #expect(changed == [.scheduleChanged(Self.report([.paid, .due, .due], cents: 4_000).schedule)])
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: 2_000), at: PaymentExamples.now)
        let refunded = Self.report([.paid, .due, .due], cents: 3_000, refunded: 2_000)
        let facts = try observe(&payment, refunded)
        #expect(facts.count == 1, "\(facts)")
        #expect(payment.acceptance?.schedule == refunded.schedule)
        let older = try observe(&payment, Self.report([.paid, .due, .due], cents: 4_000))
        #expect(older.isEmpty && payment.acceptance?.schedule == refunded.schedule, "read before the refund")
    }

    @Test func `that a refund left nothing of are neither followed nor told`() throws {
        var payment = try accepted([.paid, .due, .due])
        _ = try payment.requestRefund(RefundID(3), of: nil, at: PaymentExamples.now)
        try observe(&payment, Self.report([.paid, .due, .due], cents: 0, refunded: 20_000))
        #expect(payment.nextInstalmentOn == nil && payment.hasNothingOpen)
        #expect(try observe(&payment, Self.report([.paid, .paid, .paid], cents: 0, refunded: 20_000)).isEmpty)
    }
}
