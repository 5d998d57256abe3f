import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import TransactionalMessaging

/// Where in a step at a provider the process is killed: intent, call, effect, answer, outcome.
enum KilledMoment: String, CaseIterable, Sendable {
    /// The intent is committed and the call reaches nobody: to both sides the same as one that never left.
    case beforeTheCall = "before the call"
    /// The call has arrived; its effect comes after the death.
    case beforeTheEffect = "before the effect"
    /// The effect is there, its answer is not.
    case beforeTheAnswer = "before the answer"
    /// The outcome is committed.
    case afterTheOutcome = "after the outcome"

    /// What spoils the call so that it takes time to die in.
    var faults: [String] {
        switch self {
        case .beforeTheCall: ["slow", "drop"]
        case .beforeTheEffect: ["slow"]
        case .beforeTheAnswer: ["slow-answer"]
        case .afterTheOutcome: []
        }
    }
}

/// payment-orchestrator as a process that can be killed, with a clinic's account at every provider.
final class MortalPayments: Sendable {
    /// A provider, its operations as the sandbox names them, and how its objects are seen there.
    struct Story: Sendable {
        let provider: Provider
        /// The account as the sandbox is told of it; the one of Alma is there from the start.
        var sandboxAccount = ""
        let credentials: String
        let plan: String
        let create: String
        let cancel: String
        /// The call that reads a payment back.
        let read: String
        let refund: String
        let objects: String
        let refunded: String
        /// How the provider's object says that it was called off: a member, and how its text begins.
        let calledOff: (member: String, text: String)
    }

    /// One payment of a story.
    struct Asked: Sendable {
        let story: Story
        let id: PaymentID
        let token: String
    }

    static let stories = [
        Story(
            provider: .alma, credentials: #""key":"sk_test_mortal""#, plan: "3x", create: "alma.create-payment",
            cancel: "alma.cancel-payment", read: "alma.get-payment", refund: "alma.refund-payment",
            objects: "/alma/payments?merchant_reference=", refunded: "amount_already_refunded",
            calledOff: ("cancelation_reason", "requested_by_merchant")),
        Story(
            provider: .stripe, sandboxAccount: #"{"apiKey":"sk_test_mortal","webhookSecret":"whsec_mortal"}"#,
            credentials: #""key":"sk_test_mortal","notificationKey":"whsec_mortal""#, plan: "1x",
            create: "stripe.create-session", cancel: "stripe.expire-session", read: "stripe.get-session",
            refund: "stripe.create-refund", objects: "/stripe/payments?payment=", refunded: "refunded",
            calledOff: ("status", "expired")),
        Story(
            provider: .paypal,
            sandboxAccount: #"{"clientID":"client_mortal","secret":"secret_mortal","webhookID":"WH-mortal"}"#,
            credentials: #""key":"secret_mortal","client":"client_mortal","notificationKey":"WH-mortal""#, plan: "1x",
            create: "paypal.create-order", cancel: "paypal.update-order", read: "paypal.get-order",
            refund: "paypal.refund-capture", objects: "/paypal/payments?payment=", refunded: "refunded",
            calledOff: ("custom_id", "called-off-")),
    ]

    let stack: NotificationStack
    private let port: Int
    private let settings: [String: String]
    private let process = Mutex<ServiceChild?>(nil)
    /// A client of each life: the connections it keeps are with the process that is there, not with one that died.
    private let caller: Mutex<NotificationStack>
    static let client = ClientID(0xD1E)

    init(_ stack: NotificationStack, port: Int, settings: [String: String]) {
        self.stack = stack
        caller = Mutex(stack)
        self.settings = settings
        self.port = port
    }

    /// A service with its own world; `more` are settings beside the usual ones.
    static func start(
        _ more: (NotificationStack) throws -> [String: String] = { _ in [:] }
    ) async throws -> MortalPayments {
        let stack = try await NotificationStack.start(sandbox: ["--alma-account", "sk_test_mortal"])
        try await stack.cluster.migrate(
            PaymentOrchestratorService.schema, PaymentOrchestratorService.migrations, in: stack.settings)
        let payments = MortalPayments(stack, port: try FreePort.pick(), settings: try more(stack))
        try await payments.live()
        try await payments.connect()
        return payments
    }

    /// Starts the process; calls have three seconds, and four when they may wait: what was killed is due after eight.
    func live(_ more: [String: String] = [:]) async throws {
        let own = stack.paymentSettings(at: port).merging([
            "QUITTANCE_PROVIDER_TIME_MAX": "3s", "QUITTANCE_INTENT_LEASE": "8s", "QUITTANCE_ASK_FIRST": "500ms",
            "QUITTANCE_ASK_EVERY": "100ms",
        ]) { $1 }
        let child = try stack.child(
            "payment-orchestrator", "serve", own.merging(settings) { $1 }.merging(more) { $1 })
        process.withLock { $0 = child }
        caller.withLock { $0 = stack.callingAnew() }
        try await stack.waitUntilReady(child, port)
    }

    /// Kills it where it stands.
    func die() async throws { try await process.withLock { $0 }?.kill() }

    private func connect() async throws {
        let (clinic, client) = (NotificationStack.clinic, Self.client)
        let described = #"{"name":"Clinique des Lilas","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        _ = try await call(.put, "/v1/clinics/\(clinic)", described)
        for story in Self.stories {
            if !story.sandboxAccount.isEmpty {
                try await stack.sandbox.control(.post, "/\(story.provider.rawValue)/accounts", story.sandboxAccount)
            }
            let account = #"{"clinicID":"\#(clinic)","provider":"\#(story.provider.rawValue)",\#(story.credentials)}"#
            let answer = try await call(.post, "/v1/provider-accounts", account)
            guard answer.isSuccess else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
        }
        _ = try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                "INSERT INTO client (id, organisation) VALUES (\(client), \(NotificationStack.organisation))")
        }
    }

    var database: Database {
        NotificationStack.database(stack.settings, role: PaymentOrchestratorService.schema)
    }
}

// MARK: What tests do and see

extension MortalPayments {
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, key: String? = nil
    ) async throws -> HTTPResponse {
        do {
            return try await caller.withLock { $0 }.call(
                method, path, json, at: port, headers: key.map { [("Idempotency-Key", $0)] } ?? [])
        } catch let error as HTTPClientError {
            // Of a connection that was lost the question is which end lost it.
            let isRunning = process.withLock { $0 }?.isRunning == true
            let log = (try? stack.log().suffix(3_000)) ?? "no log"
            throw BenchFailure(
                text: "\(method) \(path): \(error); the service \(isRunning ? "runs" : "has ended")\n\(log)")
        }
    }

    /// Asks for a payment, of a free amount unless an invoice is named; with a key it is the same request however often
    /// it is made.
    func ask(_ story: Story, for invoice: InvoiceID? = nil, key: String? = nil) async throws -> Asked {
        let what = invoice.map { #""invoiceID":"\#($0)""# } ?? #""another":true"#
        let draft = """
            {"clinicID":"\(NotificationStack.clinic)","clientID":"\(Self.client)",\(what),"plan":"\(story.plan)",
             "provider":"\(story.provider.rawValue)","channel":"link","amount":{"minorUnits":20000,"currency":"EUR"},
             "client":{"firstName":"Ada","lastName":"Martin","phone":"+33612345678","email":"ada@example.org",
                       "town":"Lyon","country":"FR"}}
            """
        let answer = try await call(.post, "/v1/payments", draft, key: key)
        guard let id = answer.json["payment"]?["id"]?.text.flatMap({ PaymentID($0) }),
            let link = answer.json["payLink"]?.text
        else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
        return Asked(story: story, id: id, token: String(link.split(separator: "/").last ?? ""))
    }

    /// The client goes on; the provider's name for the payment, `nil` when our own page answers.
    func open(_ asked: Asked) async throws -> String? {
        let answer = try await call(.post, "/p/\(asked.token)")
        guard let location = answer.header("Location"), location.contains("/checkout/") else { return nil }
        return location.split(separator: "/").last.map(String.init)
    }

    func accept(_ asked: Asked, _ reference: String) async throws {
        let provider = asked.story.provider.rawValue
        try await stack.sandbox.control(.post, "/\(provider)/payments/\(reference)/act", #"{"action":"accept"}"#)
    }

    /// A payment the provider accepted.
    func accepted(_ story: Story) async throws -> Asked {
        let asked = try await ask(story)
        guard let reference = try await open(asked) else { throw BenchFailure(text: "not opened") }
        try await accept(asked, reference)
        try await waitUntil("\(story.provider) is accepted") { try await state(asked) == "accepted" }
        return asked
    }

    /// A payment asked for at every provider.
    func asked() async throws -> [Asked] {
        var all: [Asked] = []
        for story in Self.stories { all.append(try await ask(story)) }
        return all
    }

    /// A payment at every provider, which accepted it.
    func accepted() async throws -> [Asked] {
        var all: [Asked] = []
        for story in Self.stories { all.append(try await accepted(story)) }
        return all
    }

    /// So that nobody but a test has a payment read back.
    static let seldomAsking = ["QUITTANCE_ASK_FIRST": "15s", "QUITTANCE_ASK_LONGEST": "15s"]

    /// A payment at every provider, with the client on its page.
    func opened() async throws -> [(asked: Asked, reference: String)] {
        var all: [(asked: Asked, reference: String)] = []
        for story in Self.stories {
            let asked = try await ask(story)
            guard let reference = try await open(asked) else { throw BenchFailure(text: "not opened") }
            all.append((asked, reference))
        }
        return all
    }

    /// A payment the provider accepted, which the client's return told the service of.
    func acceptedUnasked(_ story: Story) async throws -> Asked {
        let asked = try await ask(story)
        guard let reference = try await open(asked) else { throw BenchFailure(text: "not opened") }
        try await accept(asked, reference)
        try await waitUntil("\(story.provider) is accepted") {
            _ = try await call(.get, "/p/\(asked.token)/return")
            return try await state(asked) == "accepted"
        }
        return asked
    }

    // What the process may die of: whether and how it answers is not looked at.

    func refund(_ asked: Asked) async {
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try? await call(.post, "/v1/payments/\(asked.id)/refunds", part)
    }

    func cancel(_ asked: Asked) async { _ = try? await call(.post, "/v1/payments/\(asked.id)/cancel") }

    func comeBack(_ asked: Asked) async { _ = try? await call(.get, "/p/\(asked.token)/return") }

    /// The provider's name for what was paid.
    func reference(_ asked: Asked) async throws -> String? {
        try await view(asked)["attempts"]?.elements?.last?["providerReference"]?.text
    }

    /// Makes the next call of an operation last long enough to die in, about one payment if a text of it is given.
    func delay(_ operation: String, at moment: KilledMoment, containing text: String? = nil) async throws {
        let only = text.map { #","containing":"\#($0)""# } ?? ""
        for kind in moment.faults {
            try await stack.fault(#"{"operation":"\#(operation)","kind":"\#(kind)","milliseconds":2500\#(only)}"#)
        }
    }

    /// How many calls of an operation have arrived at the provider.
    func calls(_ operation: String) async throws -> Int { try await stack.sandbox.calls(operation) }

    /// What a counter of the process has come to, over all its series.
    func counted(_ name: String) async throws -> Double {
        let series = try await caller.withLock { $0 }.metrics(at: port).values(of: name)
        guard !series.isEmpty else { throw BenchFailure(text: "nothing counts \(name)") }
        return series.reduce(0, +)
    }

    /// What a gauge of the process shows; `nil` while it shows none.
    func shown(_ name: String) async throws -> Double? {
        try await caller.withLock { $0 }.metrics(at: port).values(of: name).last
    }

    func view(_ asked: Asked) async throws -> JSONValue { try await call(.get, "/v1/payments/\(asked.id)").json }

    func state(_ asked: Asked) async throws -> String { try await view(asked)["state"]?.text ?? "none" }

    /// What the provider holds for a payment.
    func held(_ asked: Asked) async throws -> [SandboxJSON] {
        try await stack.sandbox.control(.get, "\(asked.story.objects)\(asked.id)").list
    }

    /// Whether the provider's object says that it was called off.
    func isCalledOff(_ asked: Asked) async throws -> Bool {
        let (member, text) = asked.story.calledOff
        return try await held(asked).contains { $0[member].string.hasPrefix(text) }
    }

    /// Whether money was taken by more than, or less than, one object.
    func paidObjects(_ asked: Asked) async throws -> Int {
        try await held(asked).filter {
            $0["captured"] == true || $0["payment_status"] == "paid" || $0["processing_status"] == "captured"
        }.count
    }

    /// What went back by the provider's word, in cents.
    func refunded(_ asked: Asked) async throws -> Int {
        try await held(asked).reduce(0) { $0 + ($1[asked.story.refunded].int ?? 0) }
    }

    /// How often a fact of this name was told of a payment.
    func told(_ fact: String, of asked: Asked) async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM (SELECT type, subject FROM outbox
                    UNION ALL SELECT type, subject FROM outbox_journal) AS told
                WHERE subject = \(asked.id) AND type LIKE \("%.payments.\(fact).%")
                """
            ) { row in try row("count") as Int }
        }
    }

    /// How many payments there are, also while no process is there to ask.
    func paymentsStored() async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one("SELECT count(*) AS count FROM payment") { row in try row("count") as Int }
        }
    }

    /// Waits until a call has met each of the planted faults.
    func waitUntilDelayed() async throws {
        try await waitUntil("it is being asked about") { try await stack.sandbox.control(.get, "/faults").list.isEmpty }
    }
}

// MARK: What is true of every death

extension MortalPayments {
    /// The client finds a page to pay on, and pays by it alone.
    func expectPaidOnce(_ one: Asked, within limit: Duration = .seconds(30)) async throws {
        var reference: String?
        try await waitUntil("\(one.story.provider) has a page to pay on", within: limit) {
            reference = try await open(one)
            return reference != nil
        }
        try await accept(one, try #require(reference))
        try await expectAcceptedOnce(one)
        // An order of PayPal's that nobody knows the name of is never captured.
        if one.story.provider != .paypal { #expect(try await held(one).count == 1) }
    }

    func expectAcceptedOnce(_ one: Asked) async throws {
        try await waitUntil("\(one.story.provider) is accepted") { try await state(one) == "accepted" }
        #expect(try await told("payment-accepted", of: one) == 1, "\(one.story.provider)")
        #expect(try await paidObjects(one) == 1, "\(one.story.provider)")
        #expect(try await view(one)["alarms"]?.elements?.isEmpty == true, "\(one.story.provider)")
    }

    func expectRefundedOnce(_ asked: [Asked]) async throws {
        for one in asked {
            try await waitUntil("\(one.story.provider) gave it back") {
                try await view(one)["refunds"]?.elements?.first?["state"]?.text == "completed"
            }
            #expect(try await refunded(one) == 5_000, "\(one.story.provider)")
            #expect(try await told("refund-completed", of: one) == 1)
            #expect(try await view(one)["alarms"]?.elements?.isEmpty == true)
        }
    }

    func expectCalledOffOnce(_ one: Asked, _ reference: String) async throws {
        try await waitUntil("\(one.story.provider) called it off") { try await state(one) == "cancelled" }
        // The client comes too late: the provider refuses, or takes nothing without our word.
        _ = try? await accept(one, reference)
        #expect(try await told("payment-cancelled", of: one) == 1, "\(one.story.provider)")
        #expect(try await paidObjects(one) == 0, "\(one.story.provider)")
        #expect(try await view(one)["alarms"]?.elements?.isEmpty == true)
    }
}
