import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TestSupport
import Testing

/// What every provider's adapter must do, over real HTTP: one suite for all of them.
@Suite struct `Every provider, as the sandbox plays it, PAY-12` {
    @Test(arguments: ProviderUnderTest.all)
    func `tells credentials that work from those that do not, PAY-1`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        guard case .connected(let contract) = try await bench.provider.check(bench.account) else {
            Issue.record("the credentials were refused")
            return
        }
        #expect(!contract.merchant.isEmpty && contract.canCreatePayments)
        #expect(contract.terms(of: subject.plan) != nil)
        let known = bench.account.credentials
        let stranger = AccountAccess(
            id: ProviderAccountID(2),
            credentials: ProviderCredentials(
                key: Secret(known.key.reveal() + "x"), client: known.client, notifications: known.notifications))
        guard case .refused = try await bench.provider.check(stranger) else {
            Issue.record("a stranger was let in")
            return
        }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `offers the plans it has, with schedules that add up, PAY-3`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        guard case .connected(let contract) = try await bench.provider.check(bench.account) else {
            Issue.record("not connected")
            return
        }
        let amount = Money.euros(cents: 20_000)
        let question = EligibilityQuestion(
            amount: amount, plans: bench.provider.capabilities.plans, country: "FR", feeOffered: false,
            contract: contract, feeVATRate: BasisPoints(2_000), channel: .link)
        guard case .made(let offers) = try await bench.provider.offers(for: question, bench.account) else {
            Issue.record("no offers")
            return
        }
        #expect(offers.map(\.plan) == bench.provider.capabilities.plans)
        for offer in offers {
            guard case .eligible(let schedule, _, let fee) = offer.verdict else {
                Issue.record("\(offer.plan.code) is not offered")
                continue
            }
            #expect(try Money.sum(schedule.map(\.amount), in: .eur) == amount)
            #expect(schedule.count == offer.plan.instalments && fee != nil)
        }
    }

    @Test(arguments: ProviderUnderTest.all, ProviderUnderTest.Act.allCases)
    func `reports what the client did`(_ subject: ProviderUnderTest, _ act: ProviderUnderTest.Act) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        let before = try #require(try await bench.collected(reference))
        #expect(before.status == .pending && before.amount == .euros(cents: 20_000))
        #expect(before.attempt == ProviderExamples.attempt)
        try await bench.act(act, reference)
        let report = try #require(try await bench.collected(reference))
        #expect(report.status == subject.endings[act])
        #expect(report.reference == reference)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `never calls paid what it has only read, and takes it once`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        try await bench.act(.accept, reference)
        let expected: ProviderReport.Status = bench.provider.capabilities.waitsForOurWord ? .pending : .paid
        #expect(try await bench.read(reference)?.status == expected)
        for _ in 0..<3 { #expect(try await bench.collected(reference)?.status == .paid) }
        let report = try #require(try await bench.read(reference))
        #expect(report.status == .paid && report.amount == .euros(cents: 20_000))
        #expect(report.fee != nil, "the provider states its fee")
    }

    @Test(arguments: ProviderUnderTest.all)
    func `cancels what nobody paid, and refuses to cancel what somebody did`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let open = try await bench.open()
        #expect(try await bench.provider.cancel(open, bench.account) == .cancelled)
        #expect(try await bench.collected(open)?.status == .cancelled)
        let paid = try await bench.paid(AttemptID(6))
        guard case .refused = try await bench.provider.cancel(paid, bench.account) else {
            Issue.record("cancelled what was paid")
            return
        }
        #expect(try await bench.read(paid)?.status == .paid)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `takes no money for what was cancelled while the client agreed`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        try await bench.act(.accept, reference)
        _ = try await bench.provider.cancel(reference, bench.account)
        let report = try #require(try await bench.read(reference))
        let expected: ProviderReport.Status = bench.provider.capabilities.waitsForOurWord ? .cancelled : .paid
        #expect(report.status == expected, "the provider's answer decides")
        #expect(try await bench.collected(reference)?.status == expected)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `knows nothing of payments that are another merchant's`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        let neighbour = try await subject.connect(bench.sandbox, "neighbour", bench.sandbox.url + "/sink/other")
        let report = try await bench.provider.report(on: reference, neighbour)
        #expect(report == nil || report?.status == .lapsed)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `names the payments somebody complained of since, each once, PAY-14`(_ subject: ProviderUnderTest) async throws
    {
        let bench = try await ProviderBench.start(subject)
        let (quiet, loud) = (try await bench.open(), try await bench.paid(AttemptID(6)))
        let since = bench.startedAt.adding(.seconds(-60))
        #expect(try await bench.provider.disputed(since: since, bench.account).references.isEmpty)
        // Alma's clients have nobody to complain to: the clinic is paid whatever they do.
        guard subject.provider != .alma else { return }
        try await bench.sandbox.control(
            .post, "/\(subject.provider.rawValue)/payments/\(loud)/act", #"{"action":"dispute"}"#)
        let named = try await bench.provider.disputed(since: since, bench.account).references
        #expect(named.count == 1, "\(named) of \(quiet) and \(loud)")
        let report = try #require(try await bench.read(named[0]))
        #expect(report.reference == loud && report.disputes.map(\.state) == [.open])
        let later = since.adding(.seconds(86_400))
        #expect(try await bench.provider.disputed(since: later, bench.account).references.isEmpty)
        try await bench.fault("\(subject.provider.rawValue).list-disputes", "html", #""status":200,"times":0"#)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.disputed(since: since, bench.account)
        }
    }

    @Test func `PAY-14: reads PayPal's disputes page by page, no further back than it lists`() async throws {
        let paypal = try #require(ProviderUnderTest.all.first { $0.provider == .paypal })
        let bench = try await ProviderBench.start(paypal)
        let paid = try await bench.paid()
        for _ in 0..<5 {
            try await bench.sandbox.control(.post, "/paypal/payments/\(paid)/act", #"{"action":"dispute"}"#)
        }
        let found = try await bench.provider.disputed(since: Instant(secondsSince1970: 0), bench.account)
        #expect(found.references.count == 1 && found.unreadable == 0, "\(found)")
        let calls = try await bench.sandbox.control(.get, "/summary")["calls"]
        #expect(calls["paypal.list-disputes"] == 3 && calls["paypal.get-dispute"] == 5, "\(calls)")
    }

    @Test func `takes what the client agrees to after a decline that PayPal remembers`() async throws {
        let paypal = try #require(ProviderUnderTest.all.first { $0.provider == .paypal })
        let bench = try await ProviderBench.start(paypal)
        try await bench.sandbox.control(
            .post, "/paypal/accounts",
            #"{"clientID":"client_clinic","secret":"secret_clinic","remembersRefusals":true}"#)
        let reference = try await bench.open()
        for _ in 0..<2 {
            try await bench.act(.decline, reference)
            #expect(try await bench.collected(reference)?.status == .pending)
        }
        try await bench.act(.accept, reference)
        #expect(try await bench.collected(reference)?.status == .paid)
        #expect(try await bench.collected(reference)?.status == .paid)
        #expect(try await bench.calls("paypal.capture-order") == 3)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `sends no reference that could lead a call elsewhere`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        for crooked in ["../me", "x/../../me", "a?b=c", "", String(repeating: "a", count: 300)] {
            #expect(try await bench.read(crooked) == nil)
            guard case .refused = try await bench.provider.cancel(crooked, bench.account) else {
                Issue.record("cancelled \(crooked)")
                continue
            }
            let refund = RefundOrder(id: RefundID(1), reference: crooked, amount: .euros(cents: 1))
            guard case .refused = try await bench.provider.refund(refund, bench.account) else {
                Issue.record("refunded \(crooked)")
                continue
            }
        }
    }
}

/// PAY-10.
@Suite struct `Giving back at every provider, PAY-10` {
    private func refund(
        _ id: UInt128, _ cents: Int64, of reference: String, _ bench: ProviderBench
    ) async throws -> RefundOutcome {
        let order = RefundOrder(id: RefundID(id), reference: reference, amount: .euros(cents: cents))
        return try await bench.provider.refund(order, bench.account)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `goes in parts and in full, listed by our names, and never above what was paid`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.paid()
        guard case .completed = try await refund(1, 15_000, of: reference, bench) else {
            Issue.record("the part was not refunded")
            return
        }
        guard case .refused = try await refund(2, 5_001, of: reference, bench) else {
            Issue.record("refunded too much")
            return
        }
        guard case .completed = try await refund(3, 5_000, of: reference, bench) else {
            Issue.record("the rest was not refunded")
            return
        }
        guard case .refused = try await refund(4, 1, of: reference, bench) else {
            Issue.record("refunded what was gone")
            return
        }
        let report = try #require(try await bench.read(reference))
        #expect(Set(report.refunds.map(\.id)) == [RefundID(1), RefundID(3)])
        #expect(report.refunds.reduce(0) { $0 + $1.amount.minorUnits } == 20_000)
        #expect(report.status == .paid, "a refund does not unmake the payment")
    }

    @Test(arguments: ProviderUnderTest.all)
    func `is refused where nobody paid`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        guard case .refused = try await refund(1, 100, of: reference, bench) else {
            Issue.record("gave back what nobody paid")
            return
        }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `is found after its answer was lost, and goes back once though it is ordered again`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.paid()
        try await bench.fault(subject.operations.refund, "lose-answer")
        await #expect(throws: OutcomeUnknown.self) { _ = try await refund(1, 500, of: reference, bench) }
        #expect(try await bench.read(reference)?.refunds.map(\.id) == [RefundID(1)])
        guard case .completed = try await refund(1, 500, of: reference, bench) else {
            Issue.record("the same refund was not recognised")
            return
        }
        #expect(try await bench.read(reference)?.refunds.count == 1)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `is in a list of all that went back since, which names a payment that a reading takes`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let (quiet, paid) = (try await bench.open(AttemptID(6)), try await bench.paid())
        let since = bench.startedAt.adding(.seconds(-60))
        #expect(try await bench.provider.refunded(since: since, bench.account).isEmpty)
        for id in 1...3 { _ = try await refund(UInt128(id), 500, of: paid, bench) }
        let listed = try await bench.provider.refunded(since: since, bench.account)
        let named = try #require(listed.first?.payment)
        let report = try #require(try await bench.read(named))
        #expect(report.reference == paid, "not \(quiet)")
        for each in listed {
            let one = try #require(each.payment)
            #expect(try await bench.read(one)?.reference == paid)
        }
        #expect(listed.count == 3, "\(listed)")
        #expect(Set(listed.map(\.reference)) == Set(report.refunds.map(\.reference)), "by the names a reading has")
        let later = TimeSource.system.now().adding(.seconds(3_600))
        #expect(try await bench.provider.refunded(since: later, bench.account).isEmpty)
        let list =
            switch subject.provider {
            case .alma: "alma.balance-transactions"
            case .stripe: "stripe.list-refunds"
            case .paypal: "paypal.transactions"
            }
        try await bench.fault(list, "html", #""status":200,"times":0"#)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.refunded(since: since, bench.account)
        }
    }

    @Test func `goes by the capture where PayPal has forgotten the order, once, and never above what was paid`()
        async throws
    {
        let paypal = try #require(ProviderUnderTest.all.first { $0.provider == .paypal })
        let bench = try await ProviderBench.start(paypal)
        let reference = try await bench.paid()
        let capture = try #require(try await bench.read(reference)?.capture)
        try await bench.sandbox.control(.post, "/paypal/payments/\(reference)/act", #"{"action":"forget"}"#)
        #expect(try await bench.read(reference)?.status == .lapsed)
        let money = try #require(try await bench.read(capture))
        #expect(money.status == .paid && money.reference == reference && money.amount == .euros(cents: 20_000))
        guard case .refused = try await refund(1, 5_000, of: reference, bench) else {
            Issue.record("given back by an order that nobody knows")
            return
        }
        for (id, cents, isDone) in [(UInt128(1), Int64(5_000), true), (1, 5_000, true), (2, 15_001, false)] {
            let order = RefundOrder(
                id: RefundID(id), reference: reference, capture: capture, amount: .euros(cents: cents))
            let outcome = try await bench.provider.refund(order, bench.account)
            if case .completed = outcome { #expect(isDone) } else { #expect(!isDone, "\(outcome)") }
        }
        #expect(try await bench.held().first?["refunded"] == 5_000)
    }
}
