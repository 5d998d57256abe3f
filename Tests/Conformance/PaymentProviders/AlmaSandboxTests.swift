import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TestSupport
import Testing

/// What is Alma's own; what every provider must do is in `Suite`.
@Suite struct `Alma as the sandbox plays it` {
    private struct Bench {
        let sandbox: PrivateSandbox
        let provider: any PaymentProvider
        let account = ProviderExamples.account

        static func start(_ path: AlmaSettings.RefundPath = .refund) async throws -> Bench {
            let sandbox = try await PrivateSandbox.start(["--alma-account", ProviderExamples.account.key.reveal()])
            var settings = AlmaSettings.tests
            settings.testURL = sandbox.almaURL
            settings.refundPath = path
            settings.searchPageSize = 2
            let client = HTTPClient(logger: Logger(label: "conformance"))
            return Bench(sandbox: sandbox, provider: AlmaProvider(settings, transport: .over(client)))
        }

        func act(_ action: String, _ reference: String) async throws {
            try await sandbox.control(.post, "/alma/payments/\(reference)/act", "{\"action\":\"\(action)\"}")
        }

        func open(_ attempt: AttemptID = ProviderExamples.attempt) async throws -> String {
            let outcome = try await provider.start(ProviderExamples.order(attempt), account)
            guard case .opened(let reference, _) = outcome else { throw SandboxRefused(outcome: outcome) }
            return reference
        }
    }

    private struct SandboxRefused: Error {
        let outcome: StartOutcome
    }

    private static let question = EligibilityQuestion(
        amount: .euros(cents: 20_000), plans: OfferedPlans.all, country: "FR", feeOffered: false, contract: nil,
        feeVATRate: BasisPoints(2_000), channel: .link)

    @Test func `offers schedules that add up, with the odd cents first`() async throws {
        let bench = try await Bench.start()
        guard case .made(let offers) = try await bench.provider.offers(for: Self.question, bench.account) else {
            Issue.record("no offers")
            return
        }
        #expect(offers.map(\.plan) == OfferedPlans.all)
        var eligible = 0
        for offer in offers {
            guard case .eligible(let schedule, _, _) = offer.verdict else { continue }
            eligible += 1
            #expect(try Money.sum(schedule.map(\.amount), in: .eur) == .euros(cents: 20_000))
            #expect(schedule.first?.amount == schedule.map(\.amount).max { $0.minorUnits < $1.minorUnits })
        }
        #expect(eligible > 0)
    }

    @Test func `PAY-3: offers nothing by an answer about another amount, or that does not add up`() async throws {
        let bench = try await Bench.start()
        let faults = [
            #""kind":"wrong-amount","cents":1"#, #""kind":"alter","members":{"purchase_amount":null}"#,
            #""kind":"alter","members":{"payment_plan":[{"due_date":1800000000,"purchase_amount":19999}]}"#,
            #""kind":"alter","members":{"customer_total_cost_amount":1}"#,
        ]
        for fault in faults {
            try await bench.sandbox.control(.post, "/faults", "{\"operation\":\"alma.eligibility\",\(fault)}")
            await #expect(throws: OutcomeUnknown.self, "\(fault)") {
                _ = try await bench.provider.offers(for: Self.question, bench.account)
            }
        }
        try await bench.sandbox.control(
            .post, "/faults", #"{"operation":"alma.eligibility","kind":"alter","members":{"payment_plan":[]}}"#)
        let none = OfferedPlans.all.map { PlanOffer(plan: $0, verdict: .notEligible(.notReached)) }
        #expect(try await bench.provider.offers(for: Self.question, bench.account) == .made(none), "no plan is told")
    }

    @Test func `finds an attempt whose answer was lost, among others`() async throws {
        let bench = try await Bench.start()
        let now = Instant(secondsSince1970: Int64(try await bench.sandbox.control(.get, "/clock")["now"].int ?? 0))
        try await bench.sandbox.control(.post, "/faults", #"{"kind":"lose-answer","operation":"alma.create-payment"}"#)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.start(ProviderExamples.order(), bench.account)
        }
        for number in UInt128(100)..<105 { _ = try await bench.open(AttemptID(number)) }
        let found = try await bench.provider.find(ProviderExamples.attempt, startedAt: now, bench.account)
        #expect(found?.attempt == ProviderExamples.attempt)
        #expect(try await bench.provider.find(AttemptID(999), startedAt: now, bench.account) == nil)
    }

    @Test(arguments: [
        #"{"id":"payment_other"}"#, #"{"refunds":[]}"#,
        #"{"refunds":[{"id":"refund_x","amount":501,"merchant_reference":"\#(RefundID(1))"}]}"#,
    ])
    func `PAY-10: has given nothing back for all we know until it shows the refund itself, and gives it once`(
        _ members: String
    ) async throws {
        let bench = try await Bench.start()
        let reference = try await bench.open()
        try await bench.act("accept", reference)
        try await bench.sandbox.control(
            .post, "/faults", #"{"kind":"alter","operation":"alma.refund-payment","members":\#(members)}"#)
        let order = RefundOrder(id: RefundID(1), reference: reference, amount: .euros(cents: 500))
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.provider.refund(order, bench.account) }
        guard case .completed = try await bench.provider.refund(order, bench.account) else {
            Issue.record("not found again")
            return
        }
        let report = try await bench.provider.report(on: reference, bench.account)
        #expect(report?.refunds.map(\.amount) == [.euros(cents: 500)], "one refund")
    }

    @Test(arguments: AlmaSettings.RefundPath.allCases)
    func `gives back in parts, lists them by our names, and never more than was paid`(
        path: AlmaSettings.RefundPath
    ) async throws {
        let bench = try await Bench.start(path)
        let reference = try await bench.open()
        try await bench.act("accept", reference)
        let part = RefundOrder(id: RefundID(1), reference: reference, amount: .euros(cents: 15_000))
        guard case .completed = try await bench.provider.refund(part, bench.account) else {
            Issue.record("not refunded")
            return
        }
        let rest = RefundOrder(id: RefundID(2), reference: reference, amount: .euros(cents: 5_001))
        guard case .refused = try await bench.provider.refund(rest, bench.account) else {
            Issue.record("refunded too much")
            return
        }
        let report = try await bench.provider.report(on: reference, bench.account)
        #expect(report?.refunds.map(\.id) == [RefundID(1)])
        #expect(report?.status == .paid)
    }
}
