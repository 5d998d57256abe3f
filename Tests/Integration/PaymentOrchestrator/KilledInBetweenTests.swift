import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// The process is killed with `kill -9` where no call of a provider is under way: inside the transaction that follows
/// one.
///
/// What was committed before it stands, the rest never was, and the next life finds both.
@Suite(.serialized) struct `A payment service that is killed between two transactions` {
    private static let payments = Task { try await MortalPayments.start() }

    @Test(arguments: [Provider.stripe, .paypal])
    func `PAY-10: after it recorded what else went back, and before that its own order is pending`(
        at provider: Provider
    ) async throws {
        let (payments, asked) = try await refundedWithoutAnswer(at: provider)
        let refund = try await payments.firstRefund(of: asked)
        try await payments.settle(refund, of: asked, as: "pending")
        // Somebody gives a part back by hand, which the same reading tells.
        try await payments.giveBackByHand(4_000, of: asked)
        try await payments.live(untilInside: .pendingRefund)
        #expect(try await payments.stored(asked) == "alarms 1, refund requested", "the first of two is committed")
        try await payments.live()
        try await waitUntil("its order is pending") { try await payments.refundState(asked) == "pending" }
        try await payments.settle(refund, of: asked, as: "succeeded")
        try await expectCompletedOnce(asked, payments)
        #expect(try await payments.alarms(asked) == ["refunded-elsewhere"])
        #expect(try await payments.refunded(asked) == 9_000)
    }

    @Test func `PAY-10: after its order was refused and is listed as pending, it fails nothing and orders nothing`()
        async throws
    {
        let (payments, asked) = try await refundedWithoutAnswer(at: .stripe)
        let refund = try await payments.firstRefund(of: asked)
        try await payments.settle(refund, of: asked, as: "pending")
        // The list lags behind for the sweeper's look and the adapter's, and the second order is refused.
        try await payments.stack.fault(
            #"{"kind":"alter","operation":"stripe.list-refunds","times":2,"members":{"data":[]}}"#)
        try await payments.stack.fault(#"{"kind":"status","operation":"stripe.create-refund","status":400}"#)
        try await payments.live(untilInside: .pendingRefund)
        #expect(try await payments.stored(asked) == "alarms 0, refund requested")
        try await payments.live()
        try await waitUntil("its order is pending") { try await payments.refundState(asked) == "pending" }
        #expect(try await payments.told("refund-failed", of: asked) == 0)
        try await payments.settle(refund, of: asked, as: "succeeded")
        try await expectCompletedOnce(asked, payments)
        #expect(try await payments.alarms(asked) == [])
        #expect(try await payments.refunded(asked) == 5_000)
    }

    @Test func `PAY-10: before it raised the alarm about money that went back by hand, it orders nothing beside`()
        async throws
    {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let asked = try await payments.accepted(MortalPayments.stories[0])
        try await payments.stack.fault(#"{"kind":"drop","operation":"alma.refund-payment"}"#)
        await payments.refund(asked)
        try await payments.die()
        let reference = try await payments.held(asked)[0]["id"].string
        let merchant = Merchant(sandbox: payments.stack.sandbox, key: "sk_test_mortal")
        let byHand = try await merchant.call(.post, "/v1/payments/\(reference)/refunds", #"{"amount":5000}"#)
        #expect(byHand.status == 200, "\(byHand.text)")
        try await payments.live(untilInside: .alarm)
        #expect(try await payments.stored(asked).hasPrefix("alarms 0"))
        try await payments.live()
        try await waitUntil("a person is called", within: .seconds(60)) {
            try await payments.alarms(asked) == ["refunded-elsewhere"]
        }
        let looks = try await payments.calls(asked.story.read)
        try await waitUntil("it was looked at again") { try await payments.calls(asked.story.read) >= looks + 3 }
        #expect(try await payments.alarms(asked) == ["refunded-elsewhere"], "once")
        #expect(try await payments.refunded(asked) == 5_000)
        #expect(try await payments.told("refund-completed", of: asked) == 0, "a manager says what it was")
    }

    @Test func `PAY-14: while it tries an account's key, and before it keeps what came of it, it tells of it once`()
        async throws
    {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let before = try await payments.toldOfAccount()
        try await payments.stack.fault(
            #"{"kind":"slow","operation":"alma.extended-data","milliseconds":2500,"times":1}"#)
        try await payments.stack.fault(#"{"kind":"status","operation":"alma.extended-data","status":401,"times":0}"#)
        let tries = try await payments.calls("alma.extended-data")
        try await payments.makeKeyDue()
        try await waitUntil("the key is being tried") { try await payments.calls("alma.extended-data") > tries }
        try await payments.die()
        try await payments.makeKeyDue()
        try await payments.live(untilInside: .account)
        #expect(try await payments.toldOfAccount() == before, "nothing was kept")
        try await payments.makeKeyDue()
        try await payments.live()
        try await waitUntil("it has failed", within: .seconds(60)) { try await payments.accountState() == "failed" }
        try await payments.die()
        try await payments.stack.sandbox.control(.delete, "/faults")
        try await payments.makeKeyDue()
        try await payments.live(untilInside: .account)
        #expect(try await payments.accountState(whileDead: true) == "failed", "that it works again was not kept")
        try await payments.makeKeyDue()
        try await payments.live()
        try await waitUntil("it works again", within: .seconds(60)) {
            try await payments.accountState() == "connected"
        }
        #expect(try await payments.toldOfAccount() == before + ["failed", "connected"])
    }

    // MARK: The transaction that keeps what came of a step, at each provider

    @Test func `PAY-12: before a request is committed it has asked for nothing, and made again it asks once`()
        async throws
    {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let (stories, before) = (MortalPayments.stories, try await payments.paymentsStored())
        let key = { @Sendable (story: MortalPayments.Story) in "killed-in-its-commit-\(story.provider.rawValue)" }
        try await payments.die(
            inside: .request,
            doing: stories.map { story in { @Sendable in _ = try? await payments.ask(story, key: key(story)) } })
        #expect(try await payments.paymentsStored() == before)
        try await payments.live()
        for story in stories {
            let asked = try await payments.ask(story, key: key(story))
            #expect(try await payments.ask(story, key: key(story)).id == asked.id, "\(story.provider)")
            #expect(try await payments.told("payment-requested", of: asked) == 1, "\(story.provider)")
        }
        #expect(try await payments.paymentsStored() == before + stories.count)
    }

    /// What a wizard asked is kept in a transaction of its own, and goes to its payment's page in that of the request.
    @Test func `PAY-11: before it keeps what a wizard asked, or moves it to the page of its payment, it does so once`()
        async throws
    {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let (story, invoice, key) = (MortalPayments.stories[0], InvoiceID(0x1A5), "killed-while-it-takes-plans-over")
        try await payments.owe(invoice)
        let before = try await payments.paymentsStored()
        let (questions, opened) = (
            try await payments.calls("alma.eligibility"), try await payments.calls(story.create)
        )
        try await payments.die(inside: .keptPlans, doing: [{ _ = try? await payments.askPlans(of: invoice) }])
        #expect(try await payments.plansKept() == 0)
        try await payments.live()
        #expect(try await payments.askPlans(of: invoice) == 200)
        #expect(try await payments.plansKept() == 1)
        // Neither is there without the other, whichever comes first.
        for moment in [.takenPlans, .request] as [HeldChange] {
            try await payments.die(
                inside: moment, doing: [{ _ = try? await payments.ask(story, for: invoice, key: key) }])
            #expect(try await payments.paymentsStored() == before)
            #expect(try await payments.plansKept() == 1, "it waits for a payment as before")
            try await payments.live()
        }
        let asked = try await payments.ask(story, for: invoice, key: key)
        #expect(try await payments.ask(story, for: invoice, key: key).id == asked.id)
        #expect(try await payments.paymentsStored() == before + 1)
        #expect(try await payments.told("payment-requested", of: asked) == 1)
        #expect(try await payments.plansKept() == 0)
        let lines = try await payments.planLines(of: asked)
        #expect(lines.map { $0["times"]?.integer } == [1, 1], "the wizard's and the request's own: \(lines)")
        #expect(lines.first?["outcome"]?.text?.contains("4x") == true, "the wizard asked about each: \(lines)")
        #expect(lines.last?["outcome"]?.text == "eligible: 3x", "\(lines)")
        #expect(try await payments.calls("alma.eligibility") == questions + 5, "the repetition had its answer")
        #expect(try await payments.calls(story.create) == opened, "nobody went on to pay")
        try await payments.expectPaidOnce(asked)
    }

    @Test func `PAY-12: before it keeps where the client pays, the client pays once`() async throws {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let asked = try await payments.asked()
        try await payments.die(
            inside: .opening, doing: asked.map { one in { @Sendable in _ = try? await payments.open(one) } })
        try await payments.live()
        for one in asked { try await payments.expectPaidOnce(one, within: .seconds(60)) }
    }

    @Test func `PAY-7: before it keeps that a payment was made, it is made once`() async throws {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let (asked, captures) = (try await payments.opened(), try await payments.calls("paypal.capture-order"))
        try await payments.die(
            inside: .acceptance,
            doing: asked.map { one in { @Sendable in _ = try? await payments.accept(one.asked, one.reference) } })
        for (one, _) in asked { #expect(try await payments.told("payment-accepted", of: one) == 0) }
        try await payments.live()
        for (one, _) in asked { try await payments.expectAcceptedOnce(one) }
        #expect(try await payments.calls("paypal.capture-order") == captures + 1)
    }

    @Test func `PAY-7: before it keeps that a payment is called off, it is called off for good`() async throws {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let asked = try await payments.opened()
        try await payments.die(
            inside: .cancellation, doing: asked.map { one in { @Sendable in await payments.cancel(one.asked) } })
        for (one, _) in asked { #expect(try await payments.told("payment-cancelled", of: one) == 0) }
        try await payments.live()
        for (one, reference) in asked { try await payments.expectCalledOffOnce(one, reference) }
    }

    @Test func `PAY-10: before it keeps that money went back, it has gone back once`() async throws {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let asked = try await payments.accepted()
        try await payments.die(
            inside: .completedRefund, doing: asked.map { one in { @Sendable in await payments.refund(one) } })
        for one in asked { #expect(try await payments.told("refund-completed", of: one) == 0) }
        try await payments.live()
        try await payments.expectRefundedOnce(asked)
    }

    /// A payment whose refund has taken effect at the provider, while nobody here knows; the process is dead.
    private func refundedWithoutAnswer(
        at provider: Provider
    ) async throws -> (MortalPayments, MortalPayments.Asked) {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let story = try #require(MortalPayments.stories.first { $0.provider == provider })
        let asked = try await payments.accepted(story)
        try await payments.delay(story.refund, at: .beforeTheAnswer)
        let order = Task { await payments.refund(asked) }
        try await waitUntil("it has gone back") { try await payments.refunded(asked) == 5_000 }
        try await payments.die()
        await order.value
        return (payments, asked)
    }

    private func expectCompletedOnce(_ asked: MortalPayments.Asked, _ payments: MortalPayments) async throws {
        try await waitUntil("it is known to have gone back", within: .seconds(60)) {
            try await payments.refundState(asked) == "completed"
        }
        #expect(try await payments.told("refund-requested", of: asked) == 1)
        #expect(try await payments.told("refund-completed", of: asked) == 1)
    }
}

extension MortalPayments {
    /// A life without the faults of the one before.
    fileprivate func liveAnew() async throws {
        try await stack.sandbox.control(.delete, "/faults")
        try await die()
        try await live()
    }

    /// What is stored of a payment, while no process is there to ask.
    fileprivate func stored(_ asked: Asked) async throws -> String {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT 'alarms ' || jsonb_array_length(alarms) || ', refund ' || refund.state AS stored
                FROM payment JOIN refund ON refund.payment = payment.id WHERE payment.id = \(asked.id)
                """
            ) { row in try row("stored") }
        }
    }

    fileprivate func refundState(_ asked: Asked) async throws -> String? {
        try await view(asked)["refunds"]?.elements?.first?["state"]?.text
    }

    fileprivate func alarms(_ asked: Asked) async throws -> [String] {
        try await view(asked)["alarms"]?.elements?.compactMap { $0["kind"]?.text } ?? []
    }

    /// The provider's name for the first refund of it.
    fileprivate func firstRefund(of asked: Asked) async throws -> String {
        try await held(asked)[0]["refunds"][0]["id"].string
    }

    /// What the provider says of a refund from now on: pending, succeeded.
    fileprivate func settle(_ refund: String, of asked: Asked, as status: String) async throws {
        try await stack.sandbox.settle(refund, at: asked.story.provider, as: status)
    }

    /// Somebody gives a part back on the pages of Stripe or PayPal.
    fileprivate func giveBackByHand(_ cents: Int, of asked: Asked) async throws {
        let object = try await held(asked)[0]
        _ = try await stack.sandbox.giveBackByHand(
            cents, of: object, at: asked.story.provider, account: "mortal")
    }

    // MARK: Plans that were asked about before there was a payment

    /// An invoice of 200 euros, as invoicing would have told of it.
    fileprivate func owe(_ invoice: InvoiceID) async throws {
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        try await overseeing { overseer in
            _ = try await overseer.execute(
                """
                INSERT INTO receivable (invoice, organisation, clinic, client, due, currency)
                VALUES (\(invoice), \(organisation), \(clinic), \(Self.client), 20000, 'EUR')
                """)
        }
    }

    /// A wizard asks by which plans of Alma's an invoice may be paid; answers the status.
    fileprivate func askPlans(of invoice: InvoiceID) async throws -> Int {
        let question = """
            {"clinicID":"\(NotificationStack.clinic)","provider":"alma","invoiceID":"\(invoice)",
             "amount":{"minorUnits":20000,"currency":"EUR"}}
            """
        return try await call(.post, "/v1/eligibility", question).status
    }

    /// How many calls about plans wait for a payment.
    fileprivate func plansKept() async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one("SELECT count(*) AS count FROM asked_plans") { row in try row("count") as Int }
        }
    }

    /// The calls about plans on a payment's page, oldest first.
    fileprivate func planLines(of asked: Asked) async throws -> [JSONValue] {
        let lines = try await call(.get, "/v1/payments/\(asked.id)/timeline").json["items"]?.elements ?? []
        return lines.filter { $0["operation"]?.text == "plans at alma" }
    }

    // MARK: Alma's account

    /// Its key is the next to be tried.
    fileprivate func makeKeyDue() async throws {
        try await overseeing { overseer in
            _ = try await overseer.execute(
                "UPDATE provider_account SET checked_at = now() - interval '2 hours' WHERE provider = 'alma'")
        }
    }

    fileprivate func accountState(whileDead: Bool = false) async throws -> String? {
        guard !whileDead else {
            let failed = try await overseeing { overseer in
                try await overseer.numbers(
                    "SELECT count(failed_at) AS number FROM provider_account WHERE provider = 'alma'")
            }
            return failed == [1] ? "failed" : "connected"
        }
        let accounts = try await call(.get, "/v1/provider-accounts").json["items"]?.elements
        return accounts?.first { $0["provider"]?.text == "alma" }?["state"]?.text
    }

    /// What was told of it, in order.
    fileprivate func toldOfAccount() async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT split_part(split_part(type, 'provider-account-', 2), '.', 1) AS word
                FROM (SELECT type, subject, position FROM outbox
                    UNION ALL SELECT type, subject, position FROM outbox_journal) AS told
                WHERE type LIKE '%.provider-account-%'
                    AND subject IN (SELECT id FROM provider_account WHERE provider = 'alma')
                ORDER BY position
                """
            ) { row in try row("word") }
        }
    }
}
