import HTTPClient
import HTTPServer
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// PAY-12: what of opening a payment waits for the disk, and what happens to the rest when the database's machine dies.
@Suite struct `A payment that is being opened` {
    @Test(arguments: [Provider.alma, .stripe, .paypal])
    func `PAY-12: is on the disk before its provider is asked; only what that says again need not wait for it`(
        provider: Provider
    ) async throws {
        let opening = try await Opening.start(provider)
        try await opening.watchCommits()
        _ = try await opening.open()
        let waits = try await opening.waits()
        // An order of PayPal's whose name is lost is never found again.
        #expect(waits == ["starting on", provider == .paypal ? "open on" : "open off"])
    }

    @Test(arguments: [Provider.alma, .stripe])
    func `PAY-12: is asked for again when a crash took what its provider had answered, and paid once`(
        provider: Provider
    ) async throws {
        let opening = try await Opening.start(provider)
        let (bench, id) = (opening.bench, opening.payment.id)
        let reference = try await opening.open()
        try await opening.loseOutcome()
        #expect(try await bench.state(id) == "starting")
        try await bench.sandbox.control(
            .post, "/\(provider.rawValue)/payments/\(reference)/act", #"{"action":"accept"}"#)
        try await bench.sweep()
        #expect(try await bench.state(id) == "accepted")
        #expect(try await bench.bodies(id, "payment-accepted").count == 1)
        #expect(try await opening.held() == 1)
    }

    @Test func `PAY-12: is on the disk at once where its try was given up meanwhile, since nobody asks about that`()
        async throws
    {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let opening = Opening(bench: bench, story: nil, payment: try await bench.request())
        try await opening.watchCommits()
        try await bench.fault(#"{"kind":"hold-answer","operation":"alma.create-payment"}"#)
        let answer = Task { try await bench.open(opening.payment.token) }
        try await bench.eventually { try await bench.state(opening.payment.id) == "starting" }
        try await opening.giveUp()
        try await bench.release()
        #expect(try await answer.value == nil, "there is no page where the client may pay it")
        // The try, that it was given up, what its provider holds, and that it was called off there.
        let waits = try await opening.waits()
        #expect(waits.count > 2 && waits.allSatisfy { $0.hasSuffix(" on") }, "\(waits)")
    }

    @Test func `PAY-7: is asked about for its screen without a wait for the disk before, and the answer is on it`()
        async throws
    {
        let opening = try await Opening.start(.alma)
        let (bench, id) = (opening.bench, opening.payment.id)
        try await bench.act("accept", on: try await opening.open())
        let screen = try #require(try await bench.call(.get, "/v1/payments/\(id)/live").events)
        var shown = screen.makeAsyncIterator()
        let first = await shown.next()
        #expect(first != nil, "its screen is open")
        try await opening.watchCommits()
        bench.clock.move(.seconds(4))
        try await bench.eventually {
            try await bench.run("ask-about-watched-payments")
            return try await bench.state(id) == "accepted"
        }
        let waits = try await opening.waits()
        #expect(waits.first == "open off" && waits.last == "accepted on", "\(waits)")
        withExtendedLifetime(screen) {}
    }
}

/// A payment whose link the client is about to open.
private struct Opening {
    let bench: PaymentBench
    /// `nil` for Alma, whose account the bench has.
    let story: ProviderStory?
    let payment: (id: PaymentID, token: String)

    static func start(_ provider: Provider) async throws -> Opening {
        guard let story = ProviderStory.all.first(where: { $0.provider == provider }) else {
            let bench = try await PaymentBench.start()
            return Opening(bench: bench, story: nil, payment: try await bench.request())
        }
        let bench = try await story.connected().bench
        return Opening(bench: bench, story: story, payment: try await story.request(bench))
    }

    /// The provider's name for what it holds now.
    func open() async throws -> String {
        let reference =
            if let story { try await story.open(payment.token, bench) } else { try await bench.open(payment.token) }
        return try #require(reference)
    }

    func held() async throws -> Int {
        guard let story else { return try await bench.provided(payment.id).count }
        return try await story.held(payment.id, bench).count
    }

    /// Notes of every change of a payment whether its commit will wait for the disk.
    func watchCommits() async throws {
        for statement in [
            "CREATE TABLE commit_wait (state text NOT NULL, waits text NOT NULL)",
            "GRANT INSERT ON commit_wait TO PUBLIC",
            """
            CREATE FUNCTION note_commit_wait() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO payments.commit_wait VALUES (NEW.state, current_setting('synchronous_commit'));
                RETURN NULL;
            END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER note_commit_wait AFTER UPDATE ON payment DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION note_commit_wait()
            """,
        ] as [SQL] {
            _ = try await bench.overseer.execute(statement)
        }
    }

    /// What was noted: the state after each change, and whether its commit waited.
    func waits() async throws -> [String] {
        try await bench.overseer.query("SELECT state || ' ' || waits AS waits FROM commit_wait") { row in
            try row("waits") as String
        }
    }

    /// The try is believed to have reached nobody, as one is whose call ended without an answer.
    func giveUp() async throws {
        let id = payment.id
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("UPDATE attempt SET state = 'abandoned' WHERE payment = \(id)")
            try transaction.execute("UPDATE payment SET state = 'requested' WHERE id = \(id)")
        }
    }

    /// The commit of the answer never was; that of the intent was.
    func loseOutcome() async throws {
        let (id, now) = (payment.id, bench.clock.now)
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("DELETE FROM payment_history WHERE payment = \(id) AND state_after = 'open'")
            try transaction.execute(
                "UPDATE attempt SET state = 'starting', reference = NULL, pay_url = NULL WHERE payment = \(id)")
            try transaction.execute(
                """
                UPDATE payment SET state = 'starting', version = version - 1, ask_at = \(now) WHERE id = \(id)
                """)
        }
    }
}
