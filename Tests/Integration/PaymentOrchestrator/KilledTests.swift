import HTTPClient
import HTTPServer
import PaymentModel
import TestSupport
import Testing

/// The process is killed with `kill -9` while every provider works on a call of its: before the effect and after it.
@Suite(.serialized) struct `A payment service that is killed in the middle of a call` {
    private static let payments = Task { try await MortalPayments.start() }

    @Test(arguments: ["slow", "slow-answer"])
    func `PAY-12: to open a payment opens one that can be paid, at each provider`(kind: String) async throws {
        let payments = try await Self.payments.value
        var asked: [MortalPayments.Asked] = []
        for story in MortalPayments.stories { asked.append(try await payments.ask(story)) }
        try await kill(payments, asked, kind, \.create, when: { try await !payments.held($0).isEmpty }) { one in
            _ = try? await payments.open(one)
        }
        for one in asked {
            try await waitUntil("\(one.story.provider) is asked about") {
                ["open", "requested"].contains(try await payments.state(one))
            }
            // An order of PayPal's that nobody knows the name of is never captured: another one is safe.
            if one.story.provider != .paypal { #expect(try await payments.held(one).count == 1) }
            var reference: String?
            try await waitUntil("\(one.story.provider) has a page to pay on") {
                reference = try await payments.open(one)
                return reference != nil
            }
            try await payments.accept(one, try #require(reference))
            try await waitUntil("\(one.story.provider) is accepted") { try await payments.state(one) == "accepted" }
            #expect(try await payments.told("payment-accepted", of: one) == 1)
            if one.story.provider != .paypal { #expect(try await payments.held(one).count == 1) }
        }
    }

    @Test(arguments: ["slow", "slow-answer"])
    func `PAY-10: to give money back gives it back once, at each provider`(kind: String) async throws {
        let payments = try await Self.payments.value
        var asked: [MortalPayments.Asked] = []
        for story in MortalPayments.stories { asked.append(try await payments.accepted(story)) }
        try await kill(payments, asked, kind, \.refund, when: { try await payments.refunded($0) == 5_000 }) { one in
            let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
            _ = try? await payments.call(.post, "/v1/payments/\(one.id)/refunds", part)
        }
        for one in asked {
            try await waitUntil("\(one.story.provider) gave it back") {
                try await payments.view(one)["refunds"]?.elements?.first?["state"]?.text == "completed"
            }
            #expect(try await payments.refunded(one) == 5_000, "\(one.story.provider)")
            #expect(try await payments.told("refund-completed", of: one) == 1)
            #expect(try await payments.view(one)["alarms"]?.elements?.isEmpty == true)
        }
    }

    @Test(arguments: ["slow", "slow-answer"])
    func `PAY-12: to take what the client agreed to takes it once`(kind: String) async throws {
        let payments = try await Self.payments.value
        let story = try #require(MortalPayments.stories.first { $0.provider == .paypal })
        let one = try await payments.ask(story)
        let reference = try #require(try await payments.open(one))
        let capture = "paypal.capture-order"
        let before = try await payments.calls(capture)
        try await payments.delay(capture, kind)
        try await payments.accept(one, reference)
        try await waitUntil("the capture is under way") {
            guard kind == "slow-answer" else { return try await payments.calls(capture) > before }
            return try await payments.held(one).first?["captured"] == true
        }
        try await payments.die()
        try await payments.live()
        try await waitUntil("it is accepted") { try await payments.state(one) == "accepted" }
        #expect(try await payments.told("payment-accepted", of: one) == 1)
        #expect(try await payments.held(one).filter { $0["captured"] == true }.count == 1)
        #expect(try await payments.view(one)["alarms"]?.elements?.isEmpty == true)
    }

    /// Lets `act` call every provider, kills the process while all of the calls are there, and starts it anew.
    private func kill(
        _ payments: MortalPayments, _ asked: [MortalPayments.Asked], _ kind: String,
        _ operation: (MortalPayments.Story) -> String,
        when hadEffect: (MortalPayments.Asked) async throws -> Bool,
        _ act: @escaping @Sendable (MortalPayments.Asked) async -> Void
    ) async throws {
        var before: [Int] = []
        for one in asked {
            before.append(try await payments.calls(operation(one.story)))
            try await payments.delay(operation(one.story), kind)
        }
        // Their answers never come.
        let acts = asked.map { one in Task { await act(one) } }
        for (one, calls) in zip(asked, before) {
            try await waitUntil("\(one.story.provider) has the call") {
                guard kind == "slow-answer" else {
                    return try await payments.calls(operation(one.story)) > calls
                }
                return try await hadEffect(one)
            }
        }
        try await payments.die()
        for act in acts { await act.value }
        try await payments.live()
    }
}
