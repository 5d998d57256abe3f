import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TestSupport
import Testing

/// What the suite has to know of a provider beside its port: how the sandbox plays it.
struct ProviderUnderTest: Sendable, CustomTestStringConvertible {
    /// What the client does on the provider's page.
    enum Act: String, Sendable, CaseIterable {
        case accept, decline, expire, leave
        case giveUp = "give-up"
    }

    /// Operations of the sandbox, to plant faults in.
    struct Operations: Sendable {
        let start: String
        let read: String
        let cancel: String
        let refund: String
    }

    let provider: Provider
    /// A plan it has.
    let plan: PaymentPlan
    let operations: Operations
    /// What a reading says after each act.
    let endings: [Act: ProviderReport.Status]
    /// Members of an answer in a state nobody has heard of.
    let unheardOf: String
    /// Members of an answer about somebody else's payment.
    let otherPayment: String
    /// Members of the answer to a refund that are about another one.
    let otherRefund: String
    /// Members of the answers to a start and to a refund of 1.00 in another currency, where its answers name one.
    let otherCurrency: (start: String, refund: String)?
    /// The adapter for a sandbox.
    let adapter: @Sendable (PrivateSandbox, ProviderTransport) -> any PaymentProvider
    /// Makes the account whose notifications go to an address; answers what it takes to speak for it.
    let connect: @Sendable (PrivateSandbox, _ name: String, _ notifications: String) async throws -> AccountAccess

    var testDescription: String { provider.rawValue }

    static let all: [ProviderUnderTest] = [.alma, .stripe, .paypal]
}

/// One provider in a sandbox of its own.
struct ProviderBench: Sendable {
    /// Where the clinic is paid out.
    static let iban = "FR7612345000010000000000193"

    let subject: ProviderUnderTest
    let sandbox: PrivateSandbox
    /// The adapter on the bare network, so that a test sees every single call.
    let provider: any PaymentProvider
    /// The adapter behind the gate.
    let guarded: any PaymentProvider
    let account: AccountAccess
    /// When its orders are made: the same instant for all, so that a repeated one is the same to the letter.
    let startedAt = TimeSource.system.now()

    struct Failure: Error {
        let text: String
    }

    static func start(_ subject: ProviderUnderTest) async throws -> ProviderBench {
        let sandbox = try await PrivateSandbox.start()
        let transport = ProviderTransport.over(HTTPClient(logger: Logger(label: "conformance")))
        var limits = ProviderLimits()
        limits.firstPause = .milliseconds(20)
        let gate = ProviderGate(transport, limits: limits, surroundings: .measured(time: .system))
        return ProviderBench(
            subject: subject, sandbox: sandbox, provider: subject.adapter(sandbox, transport),
            guarded: subject.adapter(sandbox, gate.guarded),
            account: try await subject.connect(sandbox, "clinic", sandbox.url + "/sink/notifications"))
    }

    /// An order for an attempt, by a plan the provider has.
    func order(_ attempt: AttemptID = ProviderExamples.attempt) throws -> StartOrder {
        try ProviderExamples.order(
            attempt, plan: subject.plan, provider: subject.provider, startedAt: startedAt,
            notification: sandbox.url + "/sink/notifications")
    }

    /// A payment the client can pay; answers the provider's name for it.
    func open(_ attempt: AttemptID = ProviderExamples.attempt) async throws -> String {
        let outcome = try await provider.start(try order(attempt), account)
        guard case .opened(let reference, _) = outcome else { throw Failure(text: "\(outcome)") }
        return reference
    }

    /// A payment the client has paid.
    func paid(_ attempt: AttemptID = ProviderExamples.attempt) async throws -> String {
        let reference = try await open(attempt)
        try await act(.accept, reference)
        guard try await collected(reference)?.status == .paid else { throw Failure(text: "not paid") }
        return reference
    }

    func act(_ act: ProviderUnderTest.Act, _ reference: String) async throws {
        try await sandbox.control(
            .post, "/\(subject.provider.rawValue)/payments/\(reference)/act", "{\"action\":\"\(act.rawValue)\"}")
    }

    func fault(_ operation: String, _ kind: String, _ more: String = "") async throws {
        try await sandbox.control(
            .post, "/faults", "{\"operation\":\"\(operation)\",\"kind\":\"\(kind)\"\(more.isEmpty ? "" : ",")\(more)}")
    }

    func read(_ reference: String) async throws -> ProviderReport? {
        try await provider.report(on: reference, account)
    }

    func collected(_ reference: String) async throws -> ProviderReport? {
        try await provider.collect(reference, since: startedAt, account)
    }

    /// The provider's objects, as the sandbox holds them.
    func held() async throws -> [SandboxJSON] {
        try await sandbox.control(.get, "/\(subject.provider.rawValue)/payments").list
    }

    /// How often an operation was called.
    func calls(_ operation: String) async throws -> Int { try await sandbox.calls(operation) }

    /// Notifications that arrived, once there are so many.
    func notifications(_ count: Int) async throws -> [ProviderNotification] {
        var seen: [SandboxJSON] = []
        try await waitUntil("\(count) notifications have come", within: .seconds(120)) {
            seen = try await sandbox.control(.get, "/sink/notifications").list
            return seen.count >= count
        }
        return seen.map(Self.notification)
    }

    private static func notification(_ seen: SandboxJSON) -> ProviderNotification {
        ProviderNotification(
            query: seen["query"].texts, headers: seen["headers"].texts, body: Array(seen["body"].string.utf8),
            receivedAt: TimeSource.system.now())
    }
}

extension SandboxJSON {
    fileprivate var texts: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return members.mapValues(\.string)
    }
}

extension ProviderUnderTest {
    static let alma = ProviderUnderTest(
        provider: .alma, plan: .inInstalments(3),
        operations: Operations(
            start: "alma.create-payment", read: "alma.get-payment", cancel: "alma.cancel-payment",
            refund: "alma.refund-payment"),
        endings: [
            .accept: .paid, .decline: .refused("declined by the provider"), .giveUp: .cancelled, .expire: .expired,
            .leave: .pending,
        ],
        unheardOf: #"{"state":"never_seen","processing_status":"never_seen"}"#,
        otherPayment: #"{"id":"payment_other","custom_data":{"quittance_attempt":"\#(AttemptID(99))"}}"#,
        otherRefund: #"{"refunds":[{"id":"refund_x","amount":100,"merchant_reference":"\#(RefundID(99))"}]}"#,
        otherCurrency: nil,
        adapter: { sandbox, transport in
            var settings = AlmaSettings.tests
            settings.testURL = sandbox.almaURL
            settings.searchPageSize = 2
            settings.reportPageSize = 2
            return AlmaProvider(settings, transport: transport)
        },
        connect: { sandbox, name, _ in
            try await sandbox.control(
                .post, "/alma/accounts", #"{"apiKey":"sk_test_\#(name)","iban":"\#(ProviderBench.iban)"}"#)
            return AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_\(name)"))
        })
}
