import HTTPClient
import Logging
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TestSupport
import Testing

@Suite struct `A provider that takes longer than anybody waits, PAY-13` {
    /// When the effect comes of a call that nobody waited for.
    enum Effect: String, CaseIterable, Sendable {
        case atOnce, later, never

        /// The sandbox's fault; what takes minutes never comes while the test runs.
        var fault: (kind: String, more: String) {
            switch self {
            case .atOnce: ("slow-answer", #""milliseconds":300000"#)
            case .later: ("slow", #""milliseconds":4000"#)
            case .never: ("slow", #""milliseconds":300000"#)
            }
        }
    }

    @Test(arguments: ProviderUnderTest.all, Effect.allCases)
    func `may have acted or not, and has acted once when it is asked again`(
        _ subject: ProviderUnderTest, _ effect: Effect
    ) async throws {
        let bench = try await ProviderBench.start(subject)
        let (open, paid) = (try await bench.open(AttemptID(6)), try await bench.paid(AttemptID(7)))
        let refund = RefundOrder(id: RefundID(1), reference: paid, amount: .euros(cents: 500))
        try await giveUp(open, refund, bench, effect)
        let isDone = effect != .never
        if isDone {
            try await waitUntil("all of it had its effect", within: .seconds(60)) { try await seen(open, paid, bench) }
        }
        #expect(try await bench.held().count == (isDone ? 3 : 2))
        #expect(try await bench.read(open)?.status == (isDone ? .cancelled : .pending))
        #expect(try await bench.read(paid)?.refunds.count == (isDone ? 1 : 0))
        switch bench.provider.capabilities.repetition {
        case .opensTwice:
            let started = bench.startedAt
            let found = try await bench.provider.find(ProviderExamples.attempt, startedAt: started, bench.account)
            #expect((found != nil) == isDone)
        case .opensOnce:
            _ = try await bench.open()
            #expect(try await bench.held().count == 3, "one for each try")
        }
        _ = try await bench.provider.cancel(open, bench.account)
        #expect(try await bench.collected(open)?.status == .cancelled)
        guard case .completed = try await bench.provider.refund(refund, bench.account) else {
            Issue.record("not given back")
            return
        }
        #expect(try await bench.read(paid)?.refunds.map(\.amount.minorUnits) == [500])
    }

    /// Starts, cancels and gives back, each by a call that is given up.
    private func giveUp(_ open: String, _ refund: RefundOrder, _ bench: ProviderBench, _ effect: Effect) async throws {
        let (hasty, operations) = (bench.hasty(), bench.subject.operations)
        // Whatever it needs beside the call itself it has from here on.
        _ = try await hasty.report(on: open, bench.account)
        for operation in [operations.start, operations.cancel, operations.refund] {
            try await bench.fault(operation, effect.fault.kind, effect.fault.more)
        }
        let order = try bench.order()
        await #expect(throws: OutcomeUnknown.self) { _ = try await hasty.start(order, bench.account) }
        await #expect(throws: OutcomeUnknown.self) { _ = try await hasty.cancel(open, bench.account) }
        await #expect(throws: OutcomeUnknown.self) { _ = try await hasty.refund(refund, bench.account) }
    }

    /// Whether all three had their effect.
    private func seen(_ open: String, _ paid: String, _ bench: ProviderBench) async throws -> Bool {
        let isStarted = try await bench.held().count == 3
        let isCancelled = try await bench.read(open)?.status == .cancelled
        let isRefunded = try await bench.read(paid)?.refunds.count == 1
        return isStarted && isCancelled && isRefunded
    }
}

extension ProviderBench {
    /// An adapter that gives a call that acts two seconds, and every other as long as it takes.
    fileprivate func hasty() -> any PaymentProvider {
        let network = ProviderTransport.over(HTTPClient(logger: Logger(label: "conformance")))
        let transport = ProviderTransport { request, call throws(HTTPClientError) in
            var request = request
            if !request.method.isSafe, !request.url.contains("/oauth2/") { request.totalTimeout = .seconds(2) }
            return try await network.send(request, call)
        }
        return subject.adapter(sandbox, transport)
    }
}
