import EventContract
import Foundation
import HTTPClient
import HTTPServer
import InvoicingService
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import TransactionalMessaging

/// The notification service beside invoicing, whose facts it turns into messages and whom it asks for recipients and
/// documents, and payment-orchestrator, whom it asks for links that pay invoices; SMS and mail arrive in the sandbox.
///
/// All tests share one; each has an organisation of its own.
struct InvoiceMessageBench: Sendable {
    let stack: NotificationStack
    let mail: SandboxMailServer
    let invoicing: ServiceChild
    let payments: ServiceChild
    let paymentsPort: Int
    static let merchantKey = "sk_test_invoice_messages"
    private let invoicingPort: Int
    private let server: ServiceChild
    private let seat = WorkerSeat()

    /// Where the one worker sits; another takes its place.
    private final class WorkerSeat: Sendable {
        let worker = Mutex<ServiceChild?>(nil)
    }

    private static let started = Task { try await start() }

    static func shared() async throws -> InvoiceMessageBench { try await started.value }

    private static func start() async throws -> InvoiceMessageBench {
        let (mail, port, paymentsPort) = (try SandboxMailServer(), try FreePort.pick(), try FreePort.pick())
        let clients = "http://127.0.0.1:\(paymentsPort)"
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMTP_PORT": "\(mail.smtpPort)", "QUITTANCE_GATEWAY_TIME_MAX": "3s",
                "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY": mail.folder.path + "/ca.pem",
                "QUITTANCE_INVOICING_URL": "http://127.0.0.1:\(port)", "QUITTANCE_LOOK_EVERY": "300ms",
                "QUITTANCE_CALL_LEASE": "6s", "QUITTANCE_PAYMENTS_URL": clients,
            ], sandbox: ["--alma-account", merchantKey])
        try await stack.cluster.migrate(InvoicingService.schema, InvoicingService.migrations, in: stack.settings)
        try await stack.cluster.migrate(
            PaymentOrchestratorService.schema, PaymentOrchestratorService.migrations, in: stack.settings)
        let invoicing = try stack.child(
            "invoicing", "serve", ["QUITTANCE_HTTP_PORT": "\(port)", "QUITTANCE_PUBLIC_URL": clients])
        let payments = try stack.child("payment-orchestrator", "serve", stack.paymentSettings(at: paymentsPort))
        let server = try await stack.serve()
        try await stack.waitUntilReady(invoicing, port)
        try await stack.waitUntilReady(payments, paymentsPort)
        let bench = InvoiceMessageBench(
            stack: stack, mail: mail, invoicing: invoicing, payments: payments, paymentsPort: paymentsPort,
            invoicingPort: port, server: server)
        try await bench.work()
        return bench
    }

    /// Puts a worker with these settings in the place of the one before.
    func work(with settings: [String: String] = [:]) async throws {
        try await seat.worker.withLock { $0 }?.kill()
        let next = try stack.work(settings)
        seat.worker.withLock { $0 = next }
    }

    /// Runs a body while the service hears of nothing; its worker goes on.
    func whileDeaf<Result>(_ body: () async throws -> Result) async throws -> Result {
        server.send(SIGSTOP)
        defer { server.send(SIGCONT) }
        try await waitUntil("it is frozen") { server.isFrozen }
        return try await body()
    }

    /// Calls invoicing as its manager.
    func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, of organisation: OrganisationID,
        seen version: Int? = nil
    ) async throws -> HTTPResponse {
        let manager = NotificationStack.principal(
            organisation,
            scopes: [
                "organisation:write", "clients:read", "clients:write", "invoices:read", "invoices:write",
            ])
        let answer = try await stack.call(
            method, path, json, at: invoicingPort, as: manager,
            headers: version.map { [("If-Match", "\"v\($0)\"")] } ?? [])
        guard answer.isSuccess else {
            throw BenchFailure(text: "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer
    }

    /// A chain of one clinic, where it is about one in the afternoon, that sends by this policy.
    func open(sending policy: String? = nil) async throws -> SendingClinic {
        let organisation: OrganisationID = IdentifierSource.system.make()
        _ = try await call(.put, "/v1/organisation", #"{"name":"Les Lilas"}"#, of: organisation, seen: 0)
        let made = try await call(.post, "/v1/clinics", #"{"code":"LILAS","name":"Les Lilas"}"#, of: organisation)
        let clinic = SendingClinic(bench: self, organisation: organisation, clinic: try made.id())
        if let policy { try await clinic.send(policy) }
        try await clinic.move(toHour: 13)
        return clinic
    }
}

/// One chain of one test.
struct SendingClinic: Sendable {
    let bench: InvoiceMessageBench
    let organisation: OrganisationID
    let clinic: ClinicID

    static let today = TimeSource.system.now().utcDate

    /// Whom a test bills, as somebody nobody else bills.
    struct Client: Sendable {
        let id: ClientID
        let recipient: Recipient
    }

    struct Invoice: Sendable {
        let id: InvoiceID
        let number: String
    }

    func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, seen version: Int? = nil
    ) async throws -> HTTPResponse {
        try await bench.call(method, path, json, of: organisation, seen: version)
    }

    /// Says how the chain sends, for the first time.
    func send(_ policy: String) async throws {
        let manager = NotificationStack.principal(organisation, scopes: ["policy:write"])
        let answer = try await bench.stack.call(
            .put, "/v1/sending-policy", policy, as: manager, headers: [("If-Match", "\"v0\"")])
        guard answer.isSuccess else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
    }

    /// Puts the clinic where the wall clock shows about this hour.
    func move(toHour wanted: Int) async throws {
        let zone = NotificationStack.zone(atHour: wanted)
        let manager = NotificationStack.principal(organisation, scopes: ["policy:write"])
        let answer = try await bench.stack.call(
            .put, "/v1/clinics/\(clinic)/time-zone", #"{"timeZone":"\#(zone)"}"#, as: manager)
        guard answer.isSuccess else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
    }

    func client(_ language: String = "fr", as recipient: Recipient = Recipient()) async throws -> Client {
        let json = """
            {"clinicID":"\(clinic)","lastName":"Martin","firstName":"\(recipient.firstName)","town":"Lyon",
             "phone":"\(recipient.phone)","email":"\(recipient.email)","language":"\(language)"}
            """
        return Client(id: try await call(.post, "/v1/clients", json).id(), recipient: recipient)
    }

    /// An issued invoice of one line without VAT.
    func invoice(_ cents: Int64, for client: Client, daysAgo: Int = 0) async throws -> Invoice {
        let json = """
            {"clientID":"\(client.id)","clinicID":"\(clinic)","issuedOn":"\(Self.today.adding(days: -daysAgo))",
             "dueOn":"\(Self.today.adding(days: 30))",
             "lines":[{"label":"Soins","unitPriceTenThousandths":\(cents * 100),"vatBasisPoints":0}]}
            """
        let answer = try await call(.post, "/v1/invoices", json)
        return Invoice(id: try answer.id(), number: answer.json["number"]?.text ?? "")
    }

    /// Tells that an invoice is late, as invoicing does once a day has ended at the clinic.
    func announceOverdue(_ invoice: Invoice, of client: Client, level: Int = 1, daysLate: Int = 60) async throws {
        let cause = Cause(
            .job(name: "overdue", run: "\(invoice.id)/\(level)"), organisation: organisation, actor: "tests",
            correlation: CorrelationID(4))
        let dueOn = try LocalDate("2026-10-31").orFail()
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                InvoiceOverdueV1(
                    invoiceID: invoice.id, clientID: client.id, level: level, due: .euros(cents: 1), dueOn: dueOn,
                    daysLate: daysLate), about: invoice.id, clinic: clinic)
        }
    }

    /// Tells that an invoice was issued, as a topic does that lags.
    func announceIssued(_ invoice: Invoice, of client: Client, _ cents: Int64) async throws {
        let cause = Cause(
            .job(name: "issued", run: "\(invoice.id)"), organisation: organisation, actor: "tests",
            correlation: CorrelationID(5))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                InvoiceIssuedV1(
                    invoiceID: invoice.id, clientID: client.id, number: invoice.number, issuedOn: Self.today,
                    dueOn: Self.today.adding(days: 30), total: .euros(cents: cents), vat: []),
                about: invoice.id, clinic: clinic)
        }
    }

    /// Tells that an invoice was corrected, as an import does.
    func announceCredit(of invoice: Invoice, of client: Client, daysAgo: Int) async throws {
        let note: CreditNoteID = IdentifierSource.system.make()
        let cause = Cause(
            .job(name: "credited", run: "\(note)"), organisation: organisation, actor: "tests",
            correlation: CorrelationID(6))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                CreditNoteIssuedV1(
                    creditNoteID: note, invoiceID: invoice.id, clientID: client.id, number: "A-1",
                    total: .euros(cents: 100), reason: "other", issuedOn: Self.today.adding(days: -daysAgo)),
                about: invoice.id, clinic: clinic)
        }
    }

    func pay(_ cents: Int64, by client: Client, daysAgo: Int = 0) async throws {
        let json = """
            {"clientID":"\(client.id)","clinicID":"\(clinic)","method":"card",
             "collectedOn":"\(Self.today.adding(days: -daysAgo))",
             "amount":{"minorUnits":\(cents),"currency":"EUR"}}
            """
        _ = try await call(.post, "/v1/collections", json)
    }

    /// Takes off all that is due of an invoice.
    func credit(_ invoice: Invoice) async throws -> JSONValue {
        let seen = try await call(.get, "/v1/invoices/\(invoice.id)").json["version"]?.integer ?? 0
        let json = #"{"issuedOn":"\#(Self.today)","reason":"Geste"}"#
        return try await call(.post, "/v1/invoices/\(invoice.id)/credit-notes", json, seen: Int(seen)).json
    }

    func settle(_ client: Client) async throws {
        let json = #"{"from":"2026-01-01","to":"\#(Self.today)","reason":"Perdu","on":"\#(Self.today)"}"#
        _ = try await call(.post, "/v1/clients/\(client.id)/settlements", json)
    }

    /// Asks for a deposit on a quote.
    func deposit(_ cents: Int64, for client: Client) async throws -> Invoice {
        let quote = """
            {"clientID":"\(client.id)","clinicID":"\(clinic)","issuedOn":"\(Self.today)",
             "validUntil":"\(Self.today.adding(days: 30))",
             "lines":[{"label":"Chirurgie","unitPriceTenThousandths":1000000,"vatBasisPoints":0}]}
            """
        let id: QuoteID = try await call(.post, "/v1/quotes", quote).id()
        let wish = """
            {"amount":{"minorUnits":\(cents),"currency":"EUR"},"issuedOn":"\(Self.today)",
             "dueOn":"\(Self.today.adding(days: 10))"}
            """
        let answer = try await call(.post, "/v1/quotes/\(id)/deposits", wish, seen: 1)
        return Invoice(id: try answer.id(), number: answer.json["number"]?.text ?? "")
    }

    /// Waits until notification has taken in so many of the facts it wants about the chain's invoices.
    func takenIn(_ count: Int) async throws {
        try await waitUntil("\(count) facts are taken in") {
            try await bench.stack.database.read(organisation: nil) { transaction in
                try transaction.one(
                    """
                    SELECT count(*) >= \(Int64(count)) AS all_in FROM cause
                    WHERE scope = 'message:notification-invoices' AND organisation = \(organisation)
                    """
                ) { row in try row("all_in") }
            }
        }
    }

    /// The occasions of all messages of the chain.
    func occasions() async throws -> [String] {
        try await bench.stack.database.read(organisation: organisation) { transaction in
            try transaction.query("SELECT occasion FROM message ORDER BY id") { row in try row("occasion") }
        }
    }
}

extension HTTPResponse {
    /// The id of what was made.
    fileprivate func id<ID: Identifier>() throws -> ID {
        guard let id = json["id"]?.text.flatMap({ ID($0) }) else {
            throw BenchFailure(text: String(decoding: body, as: UTF8.self))
        }
        return id
    }
}

extension Optional {
    fileprivate func orFail() throws -> Wrapped {
        guard let self else { throw BenchFailure(text: "there is nothing") }
        return self
    }
}
