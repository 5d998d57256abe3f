import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// The process is killed with `kill -9` between every two steps of what it does at every provider.
///
/// The steps of paying, cancelling and giving back are the same: the intent is committed, the call leaves, it takes
/// effect, it is answered, what came of it is read back, the outcome is committed. Before them a request asks for
/// plans; inside the transactions the process dies in `KilledInBetweenTests`.
@Suite(.serialized) struct `A payment service that is killed between two steps` {
    private static let payments = Task { try await MortalPayments.start() }

    @Test(arguments: KilledMoment.allCases)
    func `PAY-12: to open a payment opens one that can be paid, at each provider`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.asked()
        let step = KilledStep(
            operation: { $0.create }, hadEffect: { try await !payments.held($0).isEmpty },
            act: { _ = try? await payments.open($0) })
        try await kill(payments, asked, at: moment, step)
        for one in asked {
            try await waitUntil("\(one.story.provider) is asked about") {
                ["open", "requested"].contains(try await payments.state(one))
            }
            let held = try await payments.held(one).count
            // An order of PayPal's that nobody knows the name of is never captured: another one is safe.
            if one.story.provider != .paypal { #expect(held == (moment == .beforeTheCall ? 0 : 1), "\(one.story)") }
            try await payments.expectPaidOnce(one)
        }
    }

    @Test(arguments: KilledMoment.allCases)
    func `PAY-10: to give money back gives it back once, at each provider`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.accepted()
        let step = KilledStep(
            operation: { $0.refund }, hadEffect: { try await payments.refunded($0) == 5_000 },
            act: { await payments.refund($0) })
        try await kill(payments, asked, at: moment, step)
        try await payments.expectRefundedOnce(asked)
    }

    /// An order is followed by a look at the refunds there are.
    @Test func `PAY-10: to read back after its order gives nothing back twice, at each provider`() async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.accepted()
        let step = KilledStep(
            operation: { $0.refund }, hadEffect: { try await payments.refunded($0) == 5_000 },
            act: { await payments.refund($0) })
        try await kill(payments, asked, inTheReadingAfter: step)
        try await payments.expectRefundedOnce(asked)
    }

    /// And preceded by one, which leaves the intent alone.
    @Test(arguments: [KilledMoment.beforeTheEffect, .beforeTheAnswer])
    func `PAY-10: to look before it orders gives nothing back twice, at each provider`(
        moment: KilledMoment
    ) async throws {
        let payments = try await Self.payments.value
        try await payments.die()
        try await payments.live(MortalPayments.seldomAsking)
        var asked: [MortalPayments.Asked] = []
        for story in MortalPayments.stories { asked.append(try await payments.acceptedUnasked(story)) }
        let step = KilledStep(
            operation: { $0.read }, about: { try await payments.reference($0) }, act: { await payments.refund($0) })
        try await kill(payments, asked, at: moment, step)
        try await payments.expectRefundedOnce(asked)
    }

    @Test(arguments: KilledMoment.allCases)
    func `PAY-7: to call a payment off calls it off for good, at each provider`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.opened()
        let step = KilledStep(
            operation: { $0.cancel }, hadEffect: { try await payments.isCalledOff($0) },
            act: { await payments.cancel($0) })
        try await kill(payments, asked.map(\.asked), at: moment, step)
        for (one, reference) in asked { try await payments.expectCalledOffOnce(one, reference) }
    }

    /// What follows a call is a reading; by then the call has had its effect.
    @Test func `PAY-7: to read back what it called off has called it off for good, at each provider`() async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.opened()
        let references = Dictionary(uniqueKeysWithValues: asked.map { ($0.asked.id, $0.reference) })
        let step = KilledStep(
            operation: { $0.cancel }, about: { references[$0.id] }, hadEffect: { try await payments.isCalledOff($0) },
            act: { await payments.cancel($0) })
        try await kill(payments, asked.map(\.asked), inTheReadingAfter: step)
        for (one, reference) in asked { try await payments.expectCalledOffOnce(one, reference) }
    }

    /// The call to cancel is lost or late, and the client pays while the service is dead: the provider's word counts.
    @Test(arguments: [KilledMoment.beforeTheCall, .beforeTheEffect])
    func `PAY-7: a client who pays meanwhile is neither lost nor charged twice`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        let asked = try await payments.opened()
        var step = KilledStep(operation: { $0.cancel }, act: { await payments.cancel($0) })
        step.meanwhile = { for (one, reference) in asked { try await payments.accept(one, reference) } }
        try await kill(payments, asked.map(\.asked), at: moment, step)
        for (one, _) in asked where one.story.provider != .paypal { try await payments.expectAcceptedOnce(one) }
        for (one, _) in asked where one.story.provider == .paypal {
            // PayPal takes money by our word only, which a payment that is being called off never gets.
            try await waitUntil("it is called off") { try await payments.state(one) == "cancelled" }
            #expect(try await payments.paidObjects(one) == 0)
        }
    }

    @Test(arguments: [KilledMoment.beforeTheEffect, .beforeTheAnswer])
    func `PAY-8: to read back what was paid reads it as paid once`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        try await payments.die()
        try await payments.live(MortalPayments.seldomAsking)
        let asked = try await payments.opened()
        // Only the client's return may have it read back.
        try await payments.stack.sandbox.control(
            .post, "/webhooks", #"{"channel":"alma-ipn","behaviour":"never"}"#)
        for (one, reference) in asked { try await payments.accept(one, reference) }
        let references = Dictionary(uniqueKeysWithValues: asked.map { ($0.asked.id, $0.reference) })
        // Whoever comes back from the provider's page has it read back.
        let step = KilledStep(
            operation: { $0.read }, about: { references[$0.id] }, act: { await payments.comeBack($0) })
        try await kill(payments, asked.map(\.asked), at: moment, step)
        for (one, _) in asked { try await payments.expectAcceptedOnce(one) }
    }

    /// A page of Stripe's that was paid leads to what took the money, and that to what went back of it.
    @Test(arguments: ["stripe.get-intent", "stripe.list-refunds"])
    func `PAY-8: to ask Stripe further about a page reads it as paid once`(operation: String) async throws {
        let payments = try await Self.payments.value
        try await payments.stack.sandbox.control(.delete, "/faults")
        let one = try await payments.ask(try #require(MortalPayments.stories.first { $0.provider == .stripe }))
        let reference = try #require(try await payments.open(one))
        try await payments.delay(operation, at: .beforeTheAnswer)
        try await payments.accept(one, reference)
        try await payments.waitUntilDelayed()
        try await payments.die()
        try await payments.live()
        try await payments.expectAcceptedOnce(one)
    }

    @Test func `PAY-3: to ask which plans there are has asked for nothing, and is asked again`() async throws {
        let payments = try await Self.payments.value
        try await payments.stack.sandbox.control(.delete, "/faults")
        let (story, key) = (MortalPayments.stories[0], "killed-while-plans-are-asked-for")
        let before = try await payments.paymentsStored()
        try await payments.delay("alma.eligibility", at: .beforeTheAnswer)
        let act = Task { _ = try? await payments.ask(story, key: key) }
        try await payments.waitUntilDelayed()
        try await payments.die()
        await act.value
        #expect(try await payments.paymentsStored() == before, "what nobody quoted is no payment")
        try await payments.live()
        let asked = try await payments.ask(story, key: key)
        #expect(try await payments.ask(story, key: key).id == asked.id)
        #expect(try await payments.paymentsStored() == before + 1)
        #expect(try await payments.told("payment-requested", of: asked) == 1)
    }

    @Test(arguments: KilledMoment.allCases.dropLast())
    func `PAY-12: to take what the client agreed to takes it once`(moment: KilledMoment) async throws {
        let payments = try await Self.payments.value
        let story = try #require(MortalPayments.stories.first { $0.provider == .paypal })
        let one = try await payments.ask(story)
        let reference = try #require(try await payments.open(one))
        let capture = "paypal.capture-order"
        let before = try await payments.calls(capture)
        try await payments.delay(capture, at: moment)
        try await payments.accept(one, reference)
        try await waitUntil("the capture is under way") {
            guard moment == .beforeTheAnswer else { return try await payments.calls(capture) > before }
            return try await payments.held(one).first?["captured"] == true
        }
        try await payments.die()
        try await payments.live()
        try await payments.expectAcceptedOnce(one)
    }

    @Test func `PAY-7, PAY-8: while it asks for an open screen asks again, and tells of it once`() async throws {
        let payments = try await Self.payments.value
        try await payments.stack.sandbox.control(.delete, "/faults")
        try await payments.die()
        // One look at a time: while the provider is slow about the other, only a screen has this one looked at.
        try await payments.live(["QUITTANCE_ASK_TOGETHER_MAX": "1", "QUITTANCE_ASK_FIRST": "2s"])
        let story = MortalPayments.stories[0]
        let (other, watched) = (try await payments.ask(story), try await payments.ask(story))
        let slow = try #require(try await payments.open(other))
        let reference = try #require(try await payments.open(watched))
        for text in [slow, reference] { try await payments.delay(story.read, at: .beforeTheEffect, containing: text) }
        let screen = Task { _ = try? await payments.call(.get, "/v1/payments/\(watched.id)/live") }
        try await payments.waitUntilDelayed()
        try await payments.die()
        await screen.value
        // Only a question may find out.
        try await payments.stack.sandbox.control(
            .post, "/webhooks", #"{"channel":"alma-ipn","behaviour":"never"}"#)
        try await payments.accept(watched, reference)
        try await payments.live()
        try await payments.expectAcceptedOnce(watched)
    }

    /// Lets every provider be called, kills the process at a moment of all of the calls, and starts it anew.
    private func kill(
        _ payments: MortalPayments, _ asked: [MortalPayments.Asked], at moment: KilledMoment, _ step: KilledStep
    ) async throws {
        var before: [Int] = []
        for one in asked {
            before.append(try await payments.calls(step.operation(one.story)))
            try await payments.delay(
                step.operation(one.story), at: moment, containing: try await step.about(one))
        }
        // Before the outcome their answers never come.
        let acts = asked.map { one in Task { await step.act(one) } }
        if moment == .afterTheOutcome { for act in acts { await act.value } }
        for (one, calls) in zip(asked, before) {
            try await waitUntil("\(one.story.provider) has the call") {
                guard moment == .beforeTheAnswer, let hadEffect = step.hadEffect else {
                    return try await payments.calls(step.operation(one.story)) > calls
                }
                return try await hadEffect(one)
            }
        }
        try await payments.die()
        for act in acts { await act.value }
        try await step.meanwhile()
        try await payments.live()
    }

    /// The same in the reading that follows the calls, all of which have had their effect.
    private func kill(
        _ payments: MortalPayments, _ asked: [MortalPayments.Asked], inTheReadingAfter step: KilledStep
    ) async throws {
        try await payments.stack.sandbox.control(.delete, "/faults")
        for one in asked {
            try await payments.delay(
                step.operation(one.story), at: .beforeTheAnswer, containing: try await step.about(one))
        }
        let acts = asked.map { one in Task { await step.act(one) } }
        for one in asked {
            try await waitUntil("\(one.story.provider) has done it") { try await step.hadEffect?(one) == true }
            // Its answer is still under way, so that the next reading is the one that follows.
            try await payments.delay(
                one.story.read, at: .beforeTheAnswer, containing: try await payments.reference(one))
        }
        try await payments.waitUntilDelayed()
        try await payments.die()
        for act in acts { await act.value }
        try await payments.live()
    }
}

/// A step at a provider in which the process is killed.
private struct KilledStep: Sendable {
    typealias Asked = MortalPayments.Asked

    /// The call, as the sandbox names it.
    let operation: @Sendable (MortalPayments.Story) -> String
    /// What the call names, where others of the same operation are to be left alone.
    var about: @Sendable (Asked) async throws -> String? = { _ in nil }
    /// Whether the provider shows the effect; `nil` where there is none.
    var hadEffect: (@Sendable (Asked) async throws -> Bool)?
    /// What makes the service call.
    let act: @Sendable (Asked) async -> Void
    /// What happens while it is dead.
    var meanwhile: @Sendable () async throws -> Void = {}
}
