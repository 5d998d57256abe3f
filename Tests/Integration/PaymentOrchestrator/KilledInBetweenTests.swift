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

    @Test func `PAY-10: after it recorded what else went back, and before that its own order is pending`()
        async throws
    {
        let (payments, asked) = try await refundedWithoutAnswer()
        let (intent, refund) = try await payments.stripeRefund(of: asked)
        try await payments.settle(refund, as: "pending")
        // Somebody gives a part back by hand, which the same reading tells.
        let byHand = try await payments.stack.sandbox.call(
            .post, "/stripe/v1/refunds", "payment_intent=\(intent)&amount=4000",
            headers: [("Authorization", "Bearer sk_test_mortal")])
        #expect(byHand.status == 200, "\(byHand.text)")
        try await payments.live(untilInside: .pendingRefund)
        #expect(try await payments.stored(asked) == "alarms 1, refund requested", "the first of two is committed")
        try await payments.live()
        try await waitUntil("its order is pending") { try await payments.refundState(asked) == "pending" }
        try await payments.settle(refund, as: "succeeded")
        try await expectCompletedOnce(asked, payments)
        #expect(try await payments.alarms(asked) == ["refunded-elsewhere"])
        #expect(try await payments.refunded(asked) == 9_000)
    }

    @Test func `PAY-10: after its order was refused and is listed as pending, it fails nothing and orders nothing`()
        async throws
    {
        let (payments, asked) = try await refundedWithoutAnswer()
        let (_, refund) = try await payments.stripeRefund(of: asked)
        try await payments.settle(refund, as: "pending")
        // The list lags behind for the sweeper's look and the adapter's, and the second order is refused.
        try await payments.stack.fault(
            #"{"kind":"alter","operation":"stripe.list-refunds","times":2,"members":{"data":[]}}"#)
        try await payments.stack.fault(#"{"kind":"status","operation":"stripe.create-refund","status":400}"#)
        try await payments.live(untilInside: .pendingRefund)
        #expect(try await payments.stored(asked) == "alarms 0, refund requested")
        try await payments.live()
        try await waitUntil("its order is pending") { try await payments.refundState(asked) == "pending" }
        #expect(try await payments.told("refund-failed", of: asked) == 0)
        try await payments.settle(refund, as: "succeeded")
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

    /// A payment at Stripe whose refund has taken effect there, while nobody here knows; the process is dead.
    private func refundedWithoutAnswer() async throws -> (MortalPayments, MortalPayments.Asked) {
        let payments = try await Self.payments.value
        try await payments.liveAnew()
        let story = try #require(MortalPayments.stories.first { $0.provider == .stripe })
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

/// A change that a test holds inside its transaction.
private enum HeldChange {
    case pendingRefund, alarm, account

    var trigger: SQL {
        switch self {
        case .pendingRefund:
            """
            CREATE TRIGGER hold BEFORE UPDATE ON refund FOR EACH ROW
            WHEN (NEW.state = 'pending') EXECUTE FUNCTION hold_on()
            """
        case .alarm:
            """
            CREATE TRIGGER hold BEFORE UPDATE ON payment FOR EACH ROW
            WHEN (NEW.alarms <> OLD.alarms) EXECUTE FUNCTION hold_on()
            """
        case .account:
            """
            CREATE TRIGGER hold BEFORE UPDATE ON provider_account FOR EACH ROW
            WHEN (NEW.failed_at IS DISTINCT FROM OLD.failed_at) EXECUTE FUNCTION hold_on()
            """
        }
    }

    var end: SQL {
        switch self {
        case .pendingRefund: "DROP TRIGGER hold ON refund"
        case .alarm: "DROP TRIGGER hold ON payment"
        case .account: "DROP TRIGGER hold ON provider_account"
        }
    }
}

extension MortalPayments {
    /// Lives until a change of this kind has begun, and dies before it is committed.
    fileprivate func live(untilInside change: HeldChange) async throws {
        try await overseeing { overseer in
            _ = try await overseer.execute(
                """
                CREATE OR REPLACE FUNCTION hold_on() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$
                """)
            _ = try await overseer.execute(change.trigger)
            try await live()
            let held: SQL = """
                SELECT count(*) AS number FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname = current_database()
                """
            try await waitUntil("the change is made and not committed", within: .seconds(60)) {
                try await overseer.numbers(held) != [0]
            }
            try await die()
            // The order to commit is with the server already, which would go on without its client.
            _ = try await overseer.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname = current_database()
                """)
            try await waitUntil("the change is undone") { try await overseer.numbers(held) == [0] }
            _ = try await overseer.execute(change.end)
        }
    }

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

    /// Stripe's names for what was paid and for the first refund of it.
    fileprivate func stripeRefund(of asked: Asked) async throws -> (intent: String, refund: String) {
        let object = try await held(asked)[0]
        return (object["intent"]["id"].string, object["refunds"][0]["id"].string)
    }

    /// What Stripe says of a refund from now on.
    fileprivate func settle(_ refund: String, as status: String) async throws {
        try await stack.sandbox.control(.post, "/stripe/refunds/\(refund)", #"{"status":"\#(status)"}"#)
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

    private func overseeing<Answer>(_ act: (PostgresPool) async throws -> Answer) async throws -> Answer {
        var settings = stack.settings
        settings.searchPath = PaymentOrchestratorService.schema
        let overseer = PostgresPool(settings, logger: NotificationStack.logger)
        let answer = try await act(overseer)
        await overseer.close()
        return answer
    }
}

extension PostgresPool {
    fileprivate func numbers(_ sql: SQL) async throws -> [Int64] {
        try await query(sql) { row in try row("number") }
    }
}
