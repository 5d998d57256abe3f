import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TestSupport
import Testing

/// Calls that go wrong, and answers nobody should believe.
@Suite struct `A provider that fails or lies, PAY-13` {
    /// When the search for an attempt begins: the sandbox's own time.
    private func now(_ bench: ProviderBench) async throws -> Instant {
        Instant(secondsSince1970: Int64(try await bench.sandbox.control(.get, "/clock")["now"].int ?? 0))
    }

    @Test(arguments: ProviderUnderTest.all)
    func `leaves one payment that can be paid after a lost answer, whoever asks next`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let began = try await now(bench)
        try await bench.fault(subject.operations.start, "lose-answer")
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.start(try bench.order(), bench.account)
        }
        for number in UInt128(100)..<105 { _ = try await bench.open(AttemptID(number)) }
        #expect(try await bench.provider.find(AttemptID(999), startedAt: began, bench.account) == nil)
        switch bench.provider.capabilities.repetition {
        case .opensTwice:
            let found = try await bench.provider.find(ProviderExamples.attempt, startedAt: began, bench.account)
            #expect(found?.attempt == ProviderExamples.attempt)
        case .opensOnce:
            let first = try await bench.open()
            #expect(try await bench.open() == first)
            #expect(try await bench.held().count == 6, "one for each attempt")
            // Nobody has the address of an object that was never answered, so finding none is safe too.
            let found = try await bench.provider.find(ProviderExamples.attempt, startedAt: began, bench.account)
            #expect(found == nil || found?.reference == first)
        }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `finds nothing where a call ended without effect`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let began = try await now(bench)
        try await bench.fault(subject.operations.start, "drop")
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.start(try bench.order(), bench.account)
        }
        #expect(try await bench.provider.find(ProviderExamples.attempt, startedAt: began, bench.account) == nil)
        #expect(try await bench.held().isEmpty)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `asks again by itself only where that acts once`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.fault(subject.operations.start, "lose-answer")
        let order = try bench.order()
        switch bench.provider.capabilities.repetition {
        case .opensTwice:
            await #expect(throws: OutcomeUnknown.self) { _ = try await bench.guarded.start(order, bench.account) }
        case .opensOnce:
            guard case .opened = try await bench.guarded.start(order, bench.account) else {
                Issue.record("the lost answer was not asked for again")
                return
            }
        }
        #expect(try await bench.held().count == 1)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `is waited for as it asks when it has no time`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.fault(subject.operations.start, "rate-limit", #""retryAfterSeconds":1"#)
        let began = ContinuousClock.now
        guard case .opened(let reference, _) = try await bench.guarded.start(try bench.order(), bench.account) else {
            Issue.record("not opened after the wait")
            return
        }
        #expect(ContinuousClock.now - began >= .seconds(1))
        try await bench.fault(subject.operations.read, "status", #""status":503,"retryAfterSeconds":1"#)
        #expect(try await bench.guarded.report(on: reference, bench.account)?.status == .pending)
        try await bench.fault(subject.operations.start, "rate-limit", #""retryAfterSeconds":60"#)
        #expect(try await bench.guarded.start(try bench.order(AttemptID(6)), bench.account) == .neverReached)
        let calls = try await bench.calls(subject.operations.read)
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.guarded.report(on: reference, bench.account) }
        #expect(try await bench.calls(subject.operations.read) == calls, "nothing of the account leaves meanwhile")
    }

    @Test(
        arguments: ProviderUnderTest.all,
        [
            (kind: "malformed", more: ""), (kind: "html", more: #""status":200"#),
            (kind: "html", more: #""status":502"#), (kind: "html", more: #""status":400"#),
            (kind: "html", more: #""status":403"#), (kind: "html", more: #""status":404"#),
            (kind: "huge-body", more: #""bytes":10485760"#), (kind: "drop", more: ""), (kind: "redirect", more: ""),
            (kind: "status", more: #""status":500,"takesEffect":true"#), (kind: "status", more: #""status":503"#),
        ])
    func `is not understood when nobody could read its answer`(
        _ subject: ProviderUnderTest, _ fault: (kind: String, more: String)
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.fault(subject.operations.start, fault.kind, fault.more)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.start(try bench.order(), bench.account)
        }
        let reference = try await bench.open(AttemptID(6))
        // A read that was dropped is sent once more by itself, so this one fails until the fault is gone.
        let lasting = ([fault.more] + [#""times":0"#]).filter { !$0.isEmpty }.joined(separator: ",")
        try await bench.fault(subject.operations.read, fault.kind, lasting)
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.read(reference) }
        try await bench.sandbox.control(.delete, "/faults")
        let paid = try await bench.paid(AttemptID(7))
        try await bench.fault(subject.operations.refund, fault.kind, fault.more)
        let order = RefundOrder(id: RefundID(1), reference: paid, amount: .euros(cents: 100))
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.provider.refund(order, bench.account) }
    }

    @Test(arguments: ProviderUnderTest.all, [400, 403, 422])
    func `says no in its own words, which is a value and no error`(
        _ subject: ProviderUnderTest, _ status: Int
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.fault(subject.operations.start, "status", #""status":\#(status)"#)
        guard case .refused = try await bench.provider.start(try bench.order(AttemptID(6)), bench.account) else {
            Issue.record("a start that was refused is no refusal")
            return
        }
        #expect(try await bench.held().isEmpty)
        let paid = try await bench.paid()
        try await bench.fault(subject.operations.refund, "status", #""status":\#(status)"#)
        let order = RefundOrder(id: RefundID(1), reference: paid, amount: .euros(cents: 100))
        guard case .refused = try await bench.provider.refund(order, bench.account) else {
            Issue.record("a refund that was refused is no refusal")
            return
        }
        #expect(try await bench.read(paid)?.refunds.isEmpty == true)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `has the payment still when only a proxy says that there is none, PAY-8`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let paid = try await bench.paid()
        try await bench.fault(subject.operations.read, "html", #""status":404"#)
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.read(paid) }
        #expect(try await bench.read(paid)?.status == .paid)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `is not believed about another amount or another payment`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let paid = try await bench.paid()
        try await bench.fault(subject.operations.read, "wrong-amount", #""cents":1"#)
        let report = try? await bench.read(paid)
        #expect(
            report == nil || report?.amount != .euros(cents: 20_000) || report?.otherAmount == .euros(cents: 20_001),
            "what it says is passed on, not what was asked")
        try await bench.fault(subject.operations.read, "alter", #""members":\#(subject.otherPayment)"#)
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.read(paid) }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `has opened nothing of ours with an answer about another payment, PAY-12`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.fault(subject.operations.start, "alter", #""members":\#(subject.otherPayment)"#)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.start(try bench.order(), bench.account)
        }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `has given nothing back for all we know with an answer about another refund, PAY-10`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let paid = try await bench.paid()
        try await bench.fault(subject.operations.refund, "alter", #""members":\#(subject.otherRefund)"#)
        let order = RefundOrder(id: RefundID(1), reference: paid, amount: .euros(cents: 100))
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.provider.refund(order, bench.account) }
        guard case .completed = try await bench.provider.refund(order, bench.account) else {
            Issue.record("not found again")
            return
        }
        #expect(try await bench.read(paid)?.refunds.map(\.id) == [RefundID(1)])
    }

    @Test(arguments: ProviderUnderTest.all)
    func `has done nothing for all we know with an answer about another amount or currency, PAY-12`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let (starts, refunds) = (subject.operations.start, subject.operations.refund)
        var kinds = [(kind: "wrong-amount", start: #""cents":1"#, refund: #""cents":1"#)]
        if let other = subject.otherCurrency {
            kinds.append(("alter", #""members":\#(other.start)"#, #""members":\#(other.refund)"#))
        }
        let paid = try await bench.paid()
        for (index, fault) in kinds.enumerated() {
            let number = UInt128(index + 10)
            try await bench.fault(starts, fault.kind, fault.start)
            await #expect(throws: OutcomeUnknown.self) {
                _ = try await bench.provider.start(try bench.order(AttemptID(number)), bench.account)
            }
            let order = RefundOrder(id: RefundID(number), reference: paid, amount: .euros(cents: 100))
            try await bench.fault(refunds, fault.kind, fault.refund)
            await #expect(throws: OutcomeUnknown.self) {
                _ = try await bench.provider.refund(order, bench.account)
            }
            guard case .completed = try await bench.provider.refund(order, bench.account) else {
                Issue.record("\(fault.kind): not found again")
                continue
            }
        }
        let once = [Money](repeating: .euros(cents: 100), count: kinds.count)
        #expect(try await bench.read(paid)?.refunds.map(\.amount) == once)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `has decided nothing when it names a state nobody has heard of`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        let paid = try await bench.paid()
        try await bench.fault(subject.operations.read, "alter", #""members":\#(subject.unheardOf)"#)
        #expect(try await bench.read(paid)?.status == .pending)
    }

    @Test(arguments: ProviderUnderTest.all)
    func `takes nothing for granted about a cancellation that was not answered`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let reference = try await bench.open()
        try await bench.fault(subject.operations.cancel, "lose-answer")
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await bench.provider.cancel(reference, bench.account)
        }
        #expect(try await bench.read(reference)?.status == .cancelled, "it had its effect")
    }
}

/// PAY-8.
@Suite struct `Every provider's notifications, PAY-8` {
    private func verdicts(_ bench: ProviderBench, _ count: Int) async throws -> [NotificationVerdict] {
        var verdicts: [NotificationVerdict] = []
        for notification in try await bench.notifications(count) {
            verdicts.append(try await bench.provider.verify(notification, bench.account))
        }
        return verdicts
    }

    /// The payments that genuine notifications lead to, by reading what they name.
    private func named(_ verdicts: [NotificationVerdict], _ bench: ProviderBench) async throws -> [String?] {
        var found: [String?] = []
        for case .genuine(let reference) in verdicts {
            found.append(try await bench.provider.report(on: reference ?? "", bench.account)?.reference)
        }
        return found
    }

    @Test(arguments: ProviderUnderTest.all)
    func `lead to the payment they are about, sent twice or in another order`(
        _ subject: ProviderUnderTest
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.sandbox.control(.post, "/webhooks", #"{"behaviour":"twice"}"#)
        try await bench.sandbox.control(.post, "/webhooks", #"{"behaviour":"reordered"}"#)
        let first = try await bench.open(AttemptID(5))
        try await bench.act(.accept, first)
        _ = try await bench.collected(first)
        let second = try await bench.open(AttemptID(6))
        try await bench.act(.accept, second)
        _ = try await bench.collected(second)
        try await bench.sandbox.control(.post, "/webhooks/release")
        try await waitUntil("they lead to both", within: .seconds(120)) {
            let told = try await verdicts(bench, 3)
            #expect(!told.contains(.forged))
            return Set(try await named(told, bench)).isSuperset(of: [first, second])
        }
    }

    @Test(arguments: ProviderUnderTest.all, ["wrong-signature", "no-signature"])
    func `are forged with another signature or none`(_ subject: ProviderUnderTest, _ behaviour: String) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.sandbox.control(.post, "/webhooks", #"{"behaviour":"\#(behaviour)","times":0}"#)
        let reference = try await bench.open()
        try await bench.act(.accept, reference)
        #expect(try await verdicts(bench, 1).allSatisfy { $0 == .forged })
    }

    @Test(arguments: ProviderUnderTest.all)
    func `are another merchant's with that one's signature`(_ subject: ProviderUnderTest) async throws {
        let bench = try await ProviderBench.start(subject)
        try await bench.act(.accept, try await bench.open())
        let notification = try #require(try await bench.notifications(1).first)
        let neighbour = try await subject.connect(bench.sandbox, "neighbour", bench.sandbox.url + "/sink/other")
        #expect(try await bench.provider.verify(notification, neighbour) == .forged)
    }
}
