import EventContract
import Foundation
import HTTPClient
import HTTPServer
import KafkaClient
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// The notification service beside payment-orchestrator, whose facts it turns into messages and whom it asks for
/// recipients; SMS and mail arrive in the sandbox.
///
/// All tests share one; each has clients of its own.
struct NotificationBench: Sendable {
    let stack: NotificationStack
    let mail: SandboxMailServer
    let paymentsPort: Int
    private let children: [ServiceChild]

    private static let merchantKey = "sk_test_notification"
    private static let started = Task { try await start() }

    static func shared() async throws -> NotificationBench { try await started.value }

    private static func start() async throws -> NotificationBench {
        let mail = try SandboxMailServer()
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMTP_PORT": "\(mail.smtpPort)", "QUITTANCE_GATEWAY_TIME_MAX": "3s",
                "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY": mail.folder.path + "/ca.pem",
                "QUITTANCE_PAYMENTS_URL": "http://127.0.0.1:\(paymentsPortOfAll)",
                "QUITTANCE_CALL_LEASE": "6s", "QUITTANCE_LOOK_EVERY": "300ms",
            ], sandbox: ["--alma-account", merchantKey])
        try await stack.cluster.migrate(
            PaymentOrchestratorService.schema, PaymentOrchestratorService.migrations, in: stack.settings)
        let owner = try stack.child("payment-orchestrator", "serve", stack.paymentSettings(at: paymentsPortOfAll))
        let children = [owner, try await stack.serve(), try stack.work()]
        try await stack.waitUntilReady(owner, paymentsPortOfAll)
        let bench = NotificationBench(
            stack: stack, mail: mail, paymentsPort: paymentsPortOfAll, children: children)
        try await bench.connect()
        return bench
    }

    /// Chosen once, since each of the two services is told where the other is.
    private static let paymentsPortOfAll = (try? FreePort.pick()) ?? 0

    private func connect() async throws {
        let clinic = #"{"name":"Clinique des Lilas","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        let account =
            #"{"clinicID":"\#(NotificationStack.clinic)","provider":"alma","key":"\#(Self.merchantKey)"}"#
        let answers = [
            try await payments(.put, "/v1/clinics/\(NotificationStack.clinic)", clinic),
            try await payments(.post, "/v1/provider-accounts", account),
        ]
        for answer in answers where !answer.isSuccess {
            throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self))
        }
    }
}

/// Whom a test writes to: somebody nobody else writes to.
struct Recipient: Sendable {
    let firstName: String
    let phone: String
    let email: String

    /// Under a number of the mainland unless another is given: 0639, 0690 and their like are dialled to islands.
    init(phone: String? = nil) {
        let number = UInt32.random(in: 10_000_000...38_999_999)
        self.phone = phone ?? "+336\(number)"
        firstName = "Zephyrine\(number)"
        email = "zephyrine\(number)@example.org"
    }

    /// As the gateway has it.
    var digits: String { String(phone.dropFirst()) }
}

/// A payment that was asked for, with the token of its link.
struct AskedPayment: Sendable {
    let id: PaymentID
    let token: String
    let recipient: Recipient
}

// MARK: What tests do

extension NotificationBench {
    func payments(_ method: HTTPRequest.Method, _ path: String, _ json: String? = nil) async throws -> HTTPResponse {
        try await stack.call(method, path, json, at: paymentsPort)
    }

    /// Asks for a payment by an SMS to somebody new, on the clinic's screen after a code, or with a link to share.
    func request(
        _ recipient: Recipient = Recipient(), afterCode: Bool = false, toShare: Bool = false
    ) async throws -> AskedPayment {
        let channel = afterCode ? #""browser","confirmation":"code""# : toShare ? #""link""# : #""sms""#
        let draft = """
            {"clinicID":"\(NotificationStack.clinic)","clientID":"\(try await enterClient())",
             "plan":"3x","channel":\(channel),"amount":{"minorUnits":20000,"currency":"EUR"},
             "client":{"firstName":"\(recipient.firstName)","lastName":"Martin","phone":"\(recipient.phone)",
                       "email":"\(recipient.email)","town":"Lyon","country":"FR"}}
            """
        let answer = try await payments(.post, "/v1/payments", draft)
        guard let id = answer.json["payment"]?["id"]?.text.flatMap({ PaymentID($0) }),
            let link = answer.json["payLink"]?.text
        else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
        return AskedPayment(id: id, token: String(link.split(separator: "/").last ?? ""), recipient: recipient)
    }

    /// Tells of a new client as invoicing would; payments takes money of clients it has heard of only.
    private func enterClient() async throws -> ClientID {
        let client: ClientID = IdentifierSource.system.make()
        let cause = Cause(
            .job(name: "enter-client", run: "\(client)"), organisation: NotificationStack.organisation, actor: "tests",
            correlation: CorrelationID(3))
        try await stack.database.change(because: cause) { change in
            change.announce(
                ClientChangedV1(clientID: client, language: .french, hasEmail: true, hasPhone: true), about: client)
        }
        return client
    }

    /// Asks for a payment whose SMS goes wrong in this way, once; nothing but the test's own receipts settles it.
    func request(spoiltBy fault: String, afterCode: Bool = false) async throws -> AskedPayment {
        let recipient = Recipient()
        try await stack.plantReceipt(1, for: recipient.digits)
        try await stack.fault(
            #"{"operation":"smsfactor.send","containing":"\#(recipient.digits)",\#(fault)}"#)
        return try await request(recipient, afterCode: afterCode)
    }

    /// Waits until the gateway had no part of its SMS, which then waits for a second try.
    func turnedAway(_ payment: AskedPayment, occasion: String = "payment-link") async throws -> MessageRow {
        var found: MessageRow?
        try await waitUntil("it waits for its second try") {
            found = try await stack.messages(about: payment.id, occasion: occasion).first {
                $0.state == "ready" && $0.tries == 1
            }
            return found != nil
        }
        guard let found else { throw BenchFailure(text: "it does not wait") }
        return found
    }

    func cancel(_ payment: AskedPayment) async throws {
        let answer = try await payments(.post, "/v1/payments/\(payment.id)/cancel")
        guard answer.isSuccess else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
    }

    /// The client pays and comes back.
    func accept(_ payment: AskedPayment) async throws {
        let opened = try await payments(.post, "/p/\(payment.token)")
        guard let location = opened.header("Location"), location.contains("/checkout/"),
            let reference = location.split(separator: "/").last
        else { throw BenchFailure(text: "\(opened)") }
        try await stack.sandbox.control(.post, "/alma/payments/\(reference)/act", #"{"action":"accept"}"#)
        _ = try await payments(.get, "/p/\(payment.token)/return?pid=\(reference)")
    }

    /// Lets everything that could still happen by itself happen: a message asked for now has gone its whole way.
    func goOn() async throws {
        let other = try await request()
        try await stack.message(about: other.id, until: "delivered")
    }

    /// The records of a topic about one subject, as other systems read them; looks until there are enough.
    func published(_ topic: String, about subject: String, atLeast count: Int) async throws -> [KafkaConsumedRecord] {
        let consumer = try KafkaConsumer(
            stack.broker.settings(), group: "reader-\(UUID())", topics: [topic], logger: NotificationStack.logger)
        var found: [KafkaConsumedRecord] = []
        try await waitUntil("\(count) records about \(subject) are in \(topic)") {
            found += try await consumer.nextBatch(max: 500, wait: .milliseconds(100)).filter { record in
                record.headers.contains { $0.name == "ce_subject" && $0.value == Array(subject.utf8) }
            }
            return found.count >= count
        }
        await consumer.close()
        return found
    }

    /// Sends records to the broker, as somebody who publishes twice.
    func publish(_ records: [KafkaRecord]) async throws {
        let producer = try KafkaProducer(stack.broker.settings(), logger: NotificationStack.logger)
        _ = try await producer.send(records)
        await producer.close()
    }
}
