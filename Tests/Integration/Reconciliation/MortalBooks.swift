import HTTPClient
import HTTPServer
import KafkaClient
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import ReconciliationService
import ServiceRuntime
import Synchronization
import TestSupport

/// reconciliation as a process that can be killed, beside a payment service that lives and the sandbox's Stripe.
final class MortalBooks: Sendable {
    /// A chain with an account at Stripe.
    struct Chain: Sendable {
        let organisation: OrganisationID
        let key: String
        let account: ProviderAccountID
    }

    let stack: NotificationStack
    /// Sees everything: for what tests look at.
    private let superuser: PostgresPool
    private let port: Int
    private let payments: ServiceChild
    private let paymentsPort: Int
    private let process = Mutex<ServiceChild?>(nil)

    /// Everything but the chains.
    static func start() async throws -> MortalBooks {
        let stack = try await NotificationStack.start()
        for (schema, migrations) in [
            (PaymentOrchestratorService.schema, PaymentOrchestratorService.migrations),
            (ReconciliationService.schema, ReconciliationService.migrations),
        ] { try await stack.cluster.migrate(schema, migrations, in: stack.settings) }
        let port = try FreePort.pick()
        let payments = try stack.child("payment-orchestrator", "serve", stack.paymentSettings(at: port))
        try await stack.waitUntilReady(payments, port)
        let books = try MortalBooks(stack, payments, at: port)
        try await books.live()
        return books
    }

    private init(_ stack: NotificationStack, _ payments: ServiceChild, at paymentsPort: Int) throws {
        var settings = stack.settings
        settings.searchPath = ReconciliationService.schema
        superuser = PostgresPool(settings, logger: NotificationStack.logger)
        (self.stack, self.payments, self.paymentsPort, port) = (stack, payments, paymentsPort, try FreePort.pick())
    }

    func live() async throws {
        let child = try stack.child(
            "reconciliation", "serve",
            [
                "QUITTANCE_HTTP_PORT": "\(port)", "QUITTANCE_PAYMENTS_URL": "http://127.0.0.1:\(paymentsPort)",
                "QUITTANCE_SIGNING_KEY": stack.key.privateKeyText,
            ])
        process.withLock { $0 = child }
        try await stack.waitUntilReady(child, port)
    }

    /// Kills it where it stands.
    func die() async throws { try await process.withLock { $0 }?.kill() }
}

// MARK: What tests do

extension MortalBooks {
    /// Nil when whoever should have answered died of it.
    func send(
        _ body: [UInt8], to path: String, of organisation: OrganisationID, key: String
    ) async -> HTTPResponse? {
        let answer = try? await reply(to: body, at: path, of: organisation, key: key)
        return answer?.status == 201 ? answer : nil
    }

    /// Whatever the answer is.
    func reply(
        to body: [UInt8], at path: String, of organisation: OrganisationID, key: String
    ) async throws -> HTTPResponse {
        try await call(.post, path, body, of: organisation, key: key)
    }

    /// What became of a file whose reader was killed.
    struct Sent: Sendable {
        /// Nil where no answer came at all.
        var first: HTTPResponse?
        var kills = 0
        /// How many of the kills came while the file was read or taken.
        var interrupted = 0
    }

    /// Sends a file again and again while the process is killed, until it is answered or was killed ten times.
    func sendUnderFire(
        _ body: [UInt8], to path: String, of organisation: OrganisationID, key: String,
        _ random: inout SeededGenerator
    ) async throws -> Sent {
        var sent = Sent()
        while sent.first == nil, sent.kills < 10 {
            async let answer = send(body, to: path, of: organisation, key: key)
            // The first death comes while it is at work, however fast it is.
            if sent.kills == 0 {
                try await waitUntil("it has begun") { try await unfinishedFiles(of: organisation) > 0 }
            } else {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...2_500, using: &random)))
            }
            try await die()
            sent.kills += 1
            if try await unfinishedFiles(of: organisation) > 0 { sent.interrupted += 1 }
            sent.first = await answer
            try await live()
        }
        return sent
    }

    /// Tells of payments as the payment service does, of all of them at once.
    func publish(_ payments: [PaymentFacts], of organisation: OrganisationID) async throws {
        let records = try payments.map { try Books.record($0.accepted, about: $0.id, of: organisation).record }
        let producer = try KafkaProducer(stack.broker.settings("facts"), logger: NotificationStack.logger)
        let areDelivered = try await producer.send(records).areDelivered
        await producer.close()
        guard areDelivered else { throw TestSupportError("an event was not delivered") }
    }

    func fetch(_ chain: Chain) async -> JSONValue? {
        let path = "/v1/payout-sources/\(chain.account)/fetch"
        let answer = try? await call(.post, path, Array("{}".utf8), of: chain.organisation, key: Books.newKey())
        return answer?.status == 200 ? answer?.json : nil
    }

    func own(_ iban: String, of organisation: OrganisationID) async throws {
        let path = "/v1/bank-accounts/\(iban)"
        let answer = try await call(
            .put, path, Array(#"{"currency":"EUR"}"#.utf8), of: organisation, key: Books.newKey())
        guard answer.status == 200 else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
    }

    /// Enters a key of Stripe's at the payment service, and waits until the books have heard of it.
    func connect() async throws -> Chain {
        let (organisation, clinic): (OrganisationID, ClinicID) = (Books.newID(), Books.newID())
        let key = "sk_test_\(organisation)".replacing("-", with: "")
        try await stack.sandbox.control(
            .post, "/stripe/accounts", "{\"apiKey\":\"\(key)\",\"iban\":\"\(Merchant.iban)\"}")
        let manager = NotificationStack.principal(organisation)
        let described = #"{"name":"Clinique des Lilas","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        _ = try await stack.call(.put, "/v1/clinics/\(clinic)", described, at: paymentsPort, as: manager)
        let entered = try await stack.call(
            .post, "/v1/provider-accounts", "{\"clinicID\":\"\(clinic)\",\"provider\":\"stripe\",\"key\":\"\(key)\"}",
            at: paymentsPort, as: manager)
        guard let account = entered.json["id"]?.text.flatMap({ ProviderAccountID($0) }) else {
            throw BenchFailure(text: String(decoding: entered.body, as: UTF8.self))
        }
        try await waitUntil("the books have heard of the account") {
            try await count("payout_source", of: organisation) == 1
        }
        return Chain(organisation: organisation, key: key, account: account)
    }

    /// What Stripe paid out.
    struct PaidOut: Sendable {
        /// By Stripe's names.
        var amounts: [String: Int64] = [:]
        /// The name of the last.
        var last = ""
        /// The bank's statements of the days, as files.
        var statements: [String] = []
    }

    /// Clients pay on so many days, and Stripe pays out each.
    func payOut(_ chain: Chain, days: Int, payments: Int) async throws -> PaidOut {
        var paidOut = PaidOut()
        for day in 1...days {
            for number in 1...payments {
                _ = try await stack.sandbox.payAtStripe(Books.newID(), Int64(1_000 * day + number), key: chain.key)
            }
            let date = TimeSource.system.now().utcDate.adding(days: day)
            let closed = try await stack.sandbox.control(
                .post, "/bank/close-day", "{\"date\":\"\(date)\",\"unrelated\":0}")
            for payout in closed["payouts"].list {
                paidOut.last = payout["id"].string
                paidOut.amounts[paidOut.last] = payout["amount"].int.map(Int64.init)
            }
            let statement = closed["statements"][0]["id"].string
            paidOut.statements.append(
                try await stack.sandbox.call(.get, "/control/bank/statements/\(statement)").text)
        }
        return paidOut
    }

    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], of organisation: OrganisationID, key: String
    ) async throws -> HTTPResponse {
        let accountant = NotificationStack.principal(
            organisation, role: .accountant, scopes: ["reconciliation:read", "reconciliation:write"])
        let token = try await stack.key.mint(
            accountant, rules: TokenRules(issuer: "quittance", audience: "quittance"), from: TimeSource.system.now(),
            lifetime: .seconds(120))
        return try await stack.client.send(
            HTTPRequest(
                method, "http://127.0.0.1:\(port)\(path)",
                headers: [
                    ("Authorization", "Bearer \(token)"), ("Idempotency-Key", key),
                    ("Content-Type", "application/json"),
                ], body: body, totalTimeout: .seconds(120)))
    }
}

// MARK: What stands in its way

extension MortalBooks {
    /// Whoever would say that the bank lines of a provider's payouts were looked for waits, before it is committed.
    func holdMatching() async throws -> PostgresSession {
        try await hold("UPDATE ON payout_source", where: "OLD.awaits_matching AND NOT NEW.awaits_matching")
    }

    /// Whoever makes a line of what was taken for another waits, with the lines of its own file written.
    func holdRevival() async throws -> PostgresSession {
        try await hold("INSERT ON bank_line", where: "EXISTS (SELECT FROM taken_movement WHERE id = NEW.id)")
    }

    private func hold(_ change: String, where condition: String) async throws -> PostgresSession {
        let gate = try await superuser.session()
        try await gate.transaction { transaction in
            try transaction.execute(
                """
                CREATE OR REPLACE FUNCTION hold_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF \(unescaped: condition) THEN PERFORM pg_advisory_xact_lock(4812); END IF;
                    RETURN NEW;
                END $$
                """)
            try transaction.execute(
                """
                CREATE TRIGGER hold_change BEFORE \(unescaped: change) FOR EACH ROW EXECUTE FUNCTION hold_change()
                """)
            _ = try transaction.execute("SELECT pg_advisory_lock(4812)")
        }
        return gate
    }

    func isHeld() async throws -> Bool { try await count(rows: Self.held) > 0 }

    /// Ends what was held as the death of its process does, though the server would notice that later.
    func forgetHeld(_ gate: PostgresSession) async throws {
        _ = try await superuser.query("SELECT pg_terminate_backend(pid) AS ended FROM \(unescaped: Self.held)") { row in
            try row("ended") as Bool
        }
        try await waitUntil("what was held is gone") { try await !isHeld() }
        await gate.close()
        try await superuser.execute("DROP FUNCTION hold_change CASCADE")
    }

    private static let held = """
        pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4812
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    /// As if the payout had been told of in another currency before, so that it cannot be taken in.
    func spoil(_ payout: String, of chain: Chain) async throws {
        try await superuser.execute(
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
            VALUES (\(Books.newID() as PayoutID), \(chain.organisation), 'stripe', \(payout), 'CHF', 100, current_date)
            """)
    }

    func mend(_ payout: String, of chain: Chain) async throws {
        try await superuser.execute(
            """
            DELETE FROM payout
            WHERE organisation = \(chain.organisation) AND reference = \(payout) AND currency = 'CHF'
            """)
    }
}

// MARK: What tests see

extension MortalBooks {
    func count(_ table: String, of organisation: OrganisationID) async throws -> Int {
        try await count(rows: "\(table) WHERE organisation = '\(organisation)'")
    }

    /// How many files are being read or taken in, as far as was written down.
    func unfinishedFiles(of organisation: OrganisationID) async throws -> Int {
        try await count(rows: "file_import WHERE organisation = '\(organisation)' AND state IN ('reading', 'taking')")
    }

    /// How many facts of a name were told of the rows of a table, and of how many of them.
    func told(_ fact: String, about table: String, of organisation: OrganisationID) async throws -> [Int] {
        try await countRows()
        let events = "SELECT type, subject FROM outbox UNION ALL SELECT type, subject FROM outbox_journal"
        let facts = """
            (\(events)) AS told JOIN \(table) AS about ON about.id = told.subject
            WHERE type = 'org.quittance.reconciliation.\(fact).v1' AND about.organisation = '\(organisation)'
            """
        return [
            try await count(rows: facts),
            try await count(rows: "(SELECT DISTINCT told.subject FROM \(facts)) AS subjects"),
        ]
    }

    func pointedPayouts(of chain: Chain) async throws -> Int {
        try await count(
            "(SELECT organisation FROM payout WHERE pointed_at IS NOT NULL) AS pointed", of: chain.organisation)
    }

    /// What each payout is, by the provider's names.
    func payouts(of organisation: OrganisationID) async throws -> [String: Int64] {
        let found = try await superuser.query(
            "SELECT reference, amount FROM payout WHERE organisation = \(organisation)"
        ) { row in (try row("reference") as String, try row("amount") as Int64) }
        return Dictionary(found) { $0 + $1 }
    }

    /// What breaks the service's invariants in the chain's books.
    func breaches(of organisation: OrganisationID) async throws -> [String] {
        try await countRows()
        return try await ReconciliationService.breaches(of: organisation, superuser)
    }

    /// Thousands of rows came within seconds, of which the database has counted none yet, so that it would go over one
    /// table for each row of the other.
    private func countRows() async throws { try await superuser.execute("ANALYZE") }

    private func count(rows: String) async throws -> Int {
        let counts = try await superuser.query("SELECT count(*) AS count FROM \(unescaped: rows)") { row in
            try row("count") as Int
        }
        return counts.first ?? -1
    }
}
