import Crypto
package import EventContract
import FoundationEssentials
import HTTPClient
package import HTTPServer
package import Logging
package import PaymentModel
import PaymentOrchestratorService
package import PostgresClient
package import ServiceRuntime
import Synchronization
package import TestSupport
package import TransactionalMessaging

/// The service on a database of its own, against a sandbox of its own; its clock can be moved.
package struct PaymentBench: Sendable {
    package static let key = "sk_test_integration_clinic"
    package static let organisation = OrganisationID(0xA)
    package static let clinic = ClinicID(0xC)
    package static let client = ClientID(0xD)
    /// For tests in which the provider holds a call: as long as the lease lets anybody wait for it.
    package static let patient = ["QUITTANCE_PROVIDER_TIME_MAX": "12s"]

    package let sandbox: PrivateSandbox
    /// As the service's own role, which row-level security holds.
    package let database: Database
    /// Sees everything: for what tests look at, never for what the service does.
    package let overseer: PostgresPool
    package let http: InProcessClient
    package let assembly: Assembly
    package let clock: MovableClock
    package let log: LogLines

    /// A service with its own world; `more` are settings beside the usual ones.
    package static func start(_ more: [String: String] = [:]) async throws -> PaymentBench {
        let cluster = try await PrivatePostgres.shared()
        var overseer = try await cluster.databaseOfServices()
        overseer.searchPath = PaymentOrchestratorService.schema
        try await cluster.migrate(
            PaymentOrchestratorService.schema, PaymentOrchestratorService.migrations, in: overseer)
        var settings = overseer
        settings.user = PaymentOrchestratorService.schema
        // Hundreds of tests run at once, and whoever looks needs no more.
        overseer.connections = 2
        let pool = PostgresPool(settings, logger: logger)
        let clock = MovableClock()
        let time = TimeSource { clock.now }
        let database = Database(pool: pool, ids: .system, time: time)
        let sandbox = try await PrivateSandbox.start(["--alma-account", key])
        let bench = try await assembled(
            sandbox, database, PostgresPool(overseer, logger: logger), clock, more)
        try await bench.connect()
        return bench
    }

    /// Another process of the service in the same world, with other settings.
    package func again(_ more: [String: String]) async throws -> PaymentBench {
        try await Self.assembled(sandbox, database, overseer, clock, more)
    }

    private static func assembled(
        _ sandbox: PrivateSandbox, _ database: Database, _ overseer: PostgresPool, _ clock: MovableClock,
        _ more: [String: String]
    ) async throws -> PaymentBench {
        let (log, time) = (LogLines(), TimeSource { clock.now })
        let assembly = try await PaymentOrchestratorService.assemble(
            ServiceContext(
                settings: try configuration(sandbox, more), database: database, time: time, ids: .system,
                logger: log.logger))
        let http = try await InProcessClient(
            assembly.routes, time: time, ids: .system, phrases: assembly.phrases
        ) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        return PaymentBench(
            sandbox: sandbox, database: database, overseer: overseer, http: http, assembly: assembly, clock: clock,
            log: log)
    }

    /// Sealing keys of these names, each the same whenever it is named.
    package static func sealingKeys(_ names: String...) -> String {
        names.map { "\($0):" + Data(repeating: UInt8($0.utf8.count), count: 32).base64EncodedString() }
            .joined(separator: "\n")
    }

    package static let logger = Logger(label: "payments", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func configuration(_ sandbox: PrivateSandbox, _ more: [String: String]) throws -> Settings {
        let usual = [
            "QUITTANCE_SEALING_KEYS": sealingKeys("first"),
            "QUITTANCE_PUBLIC_URL": "https://pay.example", "QUITTANCE_ALMA_TEST_URL": sandbox.almaURL,
            "QUITTANCE_PROVIDER_MODE": "test", "QUITTANCE_STRIPE_URL": sandbox.stripeURL,
            "QUITTANCE_PAYPAL_TEST_URL": sandbox.paypalURL,
            "QUITTANCE_PAYPAL_CERTIFICATES_URL": sandbox.paypalURL + "/v1/notifications/certs",
            "QUITTANCE_PROVIDER_TIME_MAX": "2s", "QUITTANCE_INTENT_LEASE": "30s",
            "QUITTANCE_INVOICE_WAIT": "300ms",
        ]
        return try Settings(
            [StandardSettings.tokenIssuer, StandardSettings.tokenAudience] + PaymentOrchestratorService.settings,
            from: Environment(usual.merging(more) { _, given in given }))
    }

    private func connect() async throws {
        let clinic = #"{"name":"Clinique des Lilas","ownPhones":["+33478000000"],"ownEmails":[],"ownAddresses":[]}"#
        let described = try await call(.put, "/v1/clinics/\(Self.clinic)", clinic)
        guard described.status == 204 else { throw BenchFailure(text: described.text) }
        let account = #"{"clinicID":"\#(Self.clinic)","provider":"alma","key":"\#(Self.key)"}"#
        let answer = try await call(.post, "/v1/provider-accounts", account, key: "connect")
        guard answer.status == 200 else { throw BenchFailure(text: answer.text) }
        try await hear(
            ClientChangedV1(clientID: Self.client, language: .french, hasEmail: true, hasPhone: true),
            about: Self.client)
    }
}

/// What the service said in its log.
package final class LogLines: Sendable {
    private let said = Mutex<[(level: Logger.Level, text: String)]>([])

    package var lines: [String] { said.withLock { $0.map(\.text) } }

    package var errors: [String] { said.withLock { $0.filter { $0.level >= .error }.map(\.text) } }

    package var logger: Logger { Logger(label: "payments", factory: { _ in Handler(log: self) }) }

    private struct Handler: LogHandler {
        let log: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.said.withLock { $0.append((event.level, "\(event.message) \(event.metadata ?? [:])")) }
        }
    }
}

/// The system's clock, which a test may move ahead.
package final class MovableClock: Sendable {
    private let ahead = Mutex(Duration.zero)

    package var now: Instant { TimeSource.system.now().adding(ahead.withLock { $0 }) }

    package func move(_ duration: Duration) { ahead.withLock { $0 += duration } }
}

// MARK: What tests do

extension PaymentBench {
    package static func principal(
        _ organisation: OrganisationID = organisation, role: Role = .manager, clinics: ClinicAccess = .all
    ) -> Principal {
        Principal(
            subject: "tester", organisation: organisation, clinics: clinics, role: role,
            scopes: [
                "payments:read", "payments:write", "payments:refund", "payments:resolve", "payments:recipients",
                "accounts:read",
                "accounts:write",
            ])
    }

    package func call(
        _ method: HTTPMethod, _ path: String, _ json: String? = nil, key: String? = nil,
        as principal: Principal = PaymentBench.principal()
    ) async throws -> InProcessClient.Answer {
        try await http.call(method, path, as: principal, json: json, key: key)
    }

    /// The clinic chooses for the account it makes new payments with.
    package func choose(_ plans: String) async throws {
        let accounts = try await call(.get, "/v1/provider-accounts").json["items"]?.elements ?? []
        let account = accounts.first { $0["state"]?.text == "connected" }?["id"]?.text ?? ""
        let known = try await call(.get, "/v1/provider-accounts/\(account)")
        let settings = #"{"payoutOffsetDays":3,"feeVATRate":2000,"linkLifetimeHours":2,\#(plans)}"#
        let changed = try await http.call(
            .put, "/v1/provider-accounts/\(account)/settings", as: Self.principal(), json: settings,
            headers: ["If-Match": known.headers["ETag"] ?? ""])
        guard changed.status == 200 else { throw BenchFailure(text: changed.text) }
    }

    /// A key of the clinic's is entered.
    package func connect(_ key: String) async throws -> InProcessClient.Answer {
        let body = #"{"clinicID":"\#(Self.clinic)","provider":"alma","key":"\#(key)"}"#
        return try await call(.post, "/v1/provider-accounts", body, key: "connect-\(IdentifierSource.system.next())")
    }

    /// Free amounts are asked for beside each other, unless `more` says something else.
    package func draft(
        _ cents: Int = 20_000, invoice: InvoiceID? = nil, channel: String = "link", plan: String = "3x",
        more: String = ""
    ) -> String {
        let another = more.contains(#""another""#) ? "" : #""another":true,"#
        let invoice = invoice.map { #""invoiceID":"\#($0)","# } ?? another
        return """
            {"clinicID":"\(Self.clinic)",\(invoice)"clientID":"\(Self.client)","plan":"\(plan)",
             "channel":"\(channel)",\(more)
             "amount":{"minorUnits":\(cents),"currency":"EUR"},
             "client":{"firstName":"Ada","lastName":"Martin","phone":"+33612345678","email":"ada@example.org",
                       "town":"Lyon","country":"FR"}}
            """
    }

    /// A payment, with the token of its link.
    package func request(
        _ cents: Int = 20_000, invoice: InvoiceID? = nil, channel: String = "link", plan: String = "3x",
        more: String = ""
    ) async throws -> (id: PaymentID, token: String) {
        let key = "request-\(IdentifierSource.system.next())"
        let draft = draft(cents, invoice: invoice, channel: channel, plan: plan, more: more)
        let answer = try await call(.post, "/v1/payments", draft, key: key)
        guard answer.status == 201, let link = answer.json["payLink"]?.text,
            let id = answer.json["payment"]?["id"]?.text.flatMap({ PaymentID($0) })
        else { throw BenchFailure(text: answer.text) }
        return (id, String(link.split(separator: "/").last ?? ""))
    }

    /// The client goes on to the provider; answers the provider's name for the payment.
    @discardableResult
    package func open(_ token: String) async throws -> String? {
        let answer = try await http.call(.post, "/p/\(token)")
        guard answer.status == 303 else { throw BenchFailure(text: answer.text) }
        let location = answer.headers["Location"] ?? ""
        return location.contains("/checkout/") ? location.split(separator: "/").last.map(String.init) : nil
    }

    package func act(_ action: String, on reference: String) async throws {
        try await sandbox.control(.post, "/alma/payments/\(reference)/act", "{\"action\":\"\(action)\"}")
    }

    package func fault(_ json: String) async throws { try await sandbox.control(.post, "/faults", json) }

    /// How many calls of an operation have arrived at the provider.
    package func calls(_ operation: String) async throws -> Int { try await sandbox.calls(operation) }

    /// The provider goes on with the calls it holds.
    package func release() async throws { try await sandbox.control(.post, "/faults/release") }

    /// The provider's notification to the clinic's first account, signed with `key`.
    package func notify(_ reference: String, key: String = key) async throws -> InProcessClient.Answer {
        let accounts = try await call(.get, "/v1/provider-accounts")
        let account = accounts.json["items"]?.elements?.first?["id"]?.text ?? ""
        let signature = Self.signature(of: reference, key: key)
        return try await http.call(
            .get, "/webhooks/alma/\(account)?pid=\(reference)", headers: ["X-Alma-Signature": signature])
    }

    /// Alma's signature of a notification.
    package static func signature(of reference: String, key: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(reference.utf8), using: SymmetricKey(data: Array(key.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    package func view(_ id: PaymentID) async throws -> JSONValue { try await call(.get, "/v1/payments/\(id)").json }

    /// The lines of a payment's page, oldest first.
    package func timeline(_ id: PaymentID) async throws -> [JSONValue] {
        try await call(.get, "/v1/payments/\(id)/timeline").json["items"]?.elements ?? []
    }

    /// The sales that a list has, newest first.
    package func listed(_ query: String) async throws -> [PaymentID] {
        let items = try await call(.get, "/v1/payments?\(query)").json["items"]?.elements ?? []
        return items.compactMap { $0["id"]?.text.flatMap { PaymentID($0) } }
    }

    package func state(_ id: PaymentID) async throws -> String { try await view(id)["state"]?.text ?? "none" }

    /// The provider's payments that were made for one of ours.
    package func provided(_ id: PaymentID) async throws -> [SandboxJSON] {
        try await sandbox.control(.get, "/alma/payments?merchant_reference=\(id)").list
    }

    /// The types of the events of a payment, in order.
    package func events(_ id: PaymentID) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query("SELECT type FROM outbox WHERE subject = \(id) ORDER BY position") { row in
                let type: String = try row("type")
                return String(type.dropFirst("org.quittance.payments.".count).dropLast(".v1".count))
            }
        }
    }

    /// An invoice, as the invoicing service would have told of it.
    package func invoice(_ cents: Int64, clinic: ClinicID = clinic) async throws -> InvoiceID {
        let invoice: InvoiceID = IdentifierSource.system.make()
        let (organisation, client) = (Self.organisation, Self.client)
        _ = try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                """
                INSERT INTO receivable (invoice, organisation, clinic, client, due, currency)
                VALUES (\(invoice), \(organisation), \(clinic), \(client), \(cents), 'EUR')
                """)
        }
        return invoice
    }

    /// The service hears an event of invoicing's, by every consumer that wants it.
    package func hear(_ event: some EventPayload, about subject: some Identifier) async throws {
        let envelope = EventEnvelope(
            id: IdentifierSource.system.make(), type: type(of: event).type, subject: subject.value, time: clock.now,
            sequence: 1, organisation: Self.organisation, clinic: Self.clinic,
            correlation: IdentifierSource.system.make())
        for consumer in assembly.consumers { try await consumer.handle(event, envelope, in: database) }
    }

    /// Asks for a payment; answers whatever came.
    package func ask(
        _ cents: Int = 20_000, invoice: InvoiceID? = nil, key: String = "ask-\(IdentifierSource.system.next())"
    ) async throws -> InProcessClient.Answer {
        try await call(.post, "/v1/payments", draft(cents, invoice: invoice), key: key)
    }

    /// A payment the provider accepted.
    package func accepted(_ cents: Int = 20_000, invoice: InvoiceID? = nil) async throws -> PaymentID {
        let payment = try await request(cents, invoice: invoice)
        guard let reference = try await open(payment.token) else { throw BenchFailure(text: "not opened") }
        try await act("accept", on: reference)
        _ = try await notify(reference)
        return payment.id
    }

    /// The bodies of the events of a payment with this type's name, in order.
    package func bodies(_ id: PaymentID, _ type: String) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT convert_from(value, 'UTF8') AS body FROM outbox
                WHERE subject = \(id) AND type LIKE \("%.\(type).%") ORDER BY position
                """
            ) { row in try row("body") }
        }
    }

    /// Moves our clock and the provider's to an instant.
    package func stand(at text: String) async throws {
        guard let instant = Instant(text) else { throw BenchFailure(text: text) }
        let offset = instant - clock.now
        clock.move(offset)
        try await sandbox.control(.post, "/clock", "{\"offsetSeconds\":\(offset.components.seconds)}")
    }

    /// Waits until something is so.
    package func eventually(_ isSo: () async throws -> Bool) async throws { try await waitUntil("it is so", isSo) }

    /// Lets every lease and pause pass, and looks after what is due.
    package func sweep(after pause: Duration = .seconds(31)) async throws {
        clock.move(pause)
        try await askAboutDue()
    }

    /// Looks once after everything that is due.
    package func askAboutDue() async throws { try await run("ask-about-due-payments") }

    /// One run of a job.
    package func run(_ name: String) async throws {
        for job in assembly.jobs where job.name == name { try await job.run() }
    }
}
