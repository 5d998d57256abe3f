import EventContract
import HTTPClient
import HTTPServer
import Logging
import PaymentModel
import PaymentWorld
import PostgresClient
import ReconciliationService
import ServiceLifecycle
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// Books that ask a running payment-orchestrator what a provider of the sandbox paid out.
struct PayoutWorld: Sendable {
    let provider: Provider
    let payments: PaymentBench
    let account: ProviderAccountID
    let books: Books
    let http: InProcessClient

    var sandbox: PrivateSandbox { payments.sandbox }

    /// The account of what the provider owes.
    var clearing: String {
        switch provider {
        case .alma: "511500"
        case .stripe: "511600"
        case .paypal: "511700"
        }
    }

    /// The world of one organisation, for as long as the body runs.
    static func run(
        _ provider: Provider, importsMax: Int = 8, _ body: @escaping @Sendable (PayoutWorld) async throws -> Void
    ) async throws {
        let (payments, books) = (try await PaymentBench.start(), try Books())
        let account = try await connect(provider, payments, books.organisation)
        let key = try SigningKey.generate(id: "reconciliation")
        let verifier = await TokenVerifier(
            try KeySet(jwks: key.publicKeySet),
            rules: TokenRules(issuer: "quittance", audience: "quittance", leeway: .seconds(30)),
            time: .system)
        let problems = payments.assembly.problems
        let pipeline = RequestPipeline(
            routes: try RouteTable(payments.assembly.routes), authenticator: verifier, ids: .system,
            logger: BooksBench.logger, mapping: { problems($0) ?? StorageProblems.problem(of: $0) })
        let (ports, sink) = AsyncStream.makeStream(of: Int.self)
        let listener = HTTPListener(pipeline, host: "127.0.0.1", port: 0, logger: BooksBench.logger) { sink.yield($0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [listener], logger: BooksBench.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let http = try await asking(books, "http://127.0.0.1:\(port)", key, importsMax: importsMax)
            try await body(
                PayoutWorld(provider: provider, payments: payments, account: account, books: books, http: http))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The clinic enters its key, and the books hear of it.
    private static func connect(
        _ provider: Provider, _ payments: PaymentBench, _ organisation: OrganisationID
    ) async throws -> ProviderAccountID {
        let name =
            switch provider {
            case .alma: #""apiKey":"sk_test_books","merchantID":"merchant_books""#
            case .stripe: #""apiKey":"sk_test_books""#
            case .paypal: #""clientID":"client_books","secret":"secret_books""#
            }
        try await payments.sandbox.control(
            .post, "/\(provider.rawValue)/accounts", "{\(name),\"iban\":\"\(Merchant.iban)\"}")
        let (clinic, manager) = (Books.newID() as ClinicID, PaymentBench.principal(organisation))
        let described = #"{"name":"Clinique des Lilas","ownPhones":["+33478000000"],"ownEmails":[],"ownAddresses":[]}"#
        _ = try await payments.call(.put, "/v1/clinics/\(clinic)", described, as: manager)
        let key = provider == .paypal ? #""key":"secret_books","client":"client_books""# : #""key":"sk_test_books""#
        let answer = try await payments.call(
            .post, "/v1/provider-accounts", "{\"clinicID\":\"\(clinic)\",\"provider\":\"\(provider.rawValue)\",\(key)}",
            key: "connect", as: manager)
        guard let id = answer.json["id"]?.text.flatMap({ ProviderAccountID($0) }) else {
            throw BenchFailure(text: answer.text)
        }
        return id
    }

    /// The same service as the other tests have, which besides knows whom to ask.
    private static func asking(
        _ books: Books, _ url: String, _ key: SigningKey, importsMax: Int
    ) async throws -> InProcessClient {
        let environment = Environment([
            "QUITTANCE_PAYMENTS_URL": url, "QUITTANCE_SIGNING_KEY": key.privateKeyText,
            "QUITTANCE_IMPORTS_MAX": "\(importsMax)",
        ])
        let assembly = try await ReconciliationService.assemble(
            ServiceContext(
                settings: try Settings(
                    ReconciliationService.settings + [StandardSettings.tokenIssuer, StandardSettings.tokenAudience],
                    from: environment),
                database: books.bench.database, time: .system, ids: .system, logger: BooksBench.logger))
        return try await InProcessClient(assembly.routes, time: .system, ids: .system) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
    }

    // MARK: What happens

    /// A client pays at the provider; the fee is the provider's own.
    func paid(_ cents: Int64) async throws -> PaymentFacts {
        var payment = PaymentFacts("", cents)
        payment.provider = provider
        payment.vat = 0
        switch provider {
        case .stripe:
            payment.fee = (cents * 150 + 5_000) / 10_000 + 25
            payment.reference = try await sandbox.payAtStripe(payment.id, cents, key: "sk_test_books")
        case .paypal:
            payment.fee = (cents * 290 + 5_000) / 10_000 + 35
            payment.reference = try await paidAtPayPal(payment)
        case .alma:
            let merchant = Merchant(sandbox: sandbox, key: "sk_test_books")
            payment.reference = try await merchant.createPayment(Int(cents), reference: "\(payment.id)")
            try await merchant.act("accept", on: payment.reference)
            let fees = try await merchant.payment(payment.reference)["fees"]["merchant"]
            payment.fee = Int64(fees["total_excluding_tax"].int ?? 0)
            payment.vat = Int64(fees["tax"].int ?? 0)
        }
        return payment
    }

    private func paidAtPayPal(_ payment: PaymentFacts) async throws -> String {
        // client_books:secret_books
        let token = try await sandbox.call(
            .post, "/paypal/v1/oauth2/token", "grant_type=client_credentials",
            headers: [("Authorization", "Basic Y2xpZW50X2Jvb2tzOnNlY3JldF9ib29rcw==")]
        ).json["access_token"].string
        func call(_ path: String, _ body: String) async throws -> SandboxAnswer {
            try await sandbox.call(
                .post, "/paypal" + path, body,
                headers: [("Authorization", "Bearer \(token)"), ("PayPal-Request-Id", Books.newKey())])
        }
        let value = Money(payment.amount, .eur).decimalText(separator: ".")
        let order = try await call(
            "/v2/checkout/orders",
            """
            {"intent":"CAPTURE","purchase_units":[{"reference_id":"default","invoice_id":"\(payment.id)",
              "amount":{"currency_code":"EUR","value":"\(value)"}}],"payment_source":{"paypal":{"experience_context":
              {"return_url":"https://pay.example/ok","cancel_url":"https://pay.example/no"}}}}
            """
        ).json["id"].string
        try await sandbox.control(.post, "/paypal/payments/\(order)/act", #"{"action":"accept"}"#)
        let captured = try await call("/v2/checkout/orders/\(order)/capture", "{}")
        guard captured.status == 201 else { throw BenchFailure(text: captured.text) }
        return order
    }

    func act(_ action: String, on payment: PaymentFacts) async throws {
        try await sandbox.control(
            .post, "/\(provider.rawValue)/payments/\(payment.reference)/act", "{\"action\":\"\(action)\"}")
    }

    /// The provider pays out; by default today, as the sandbox knows it.
    func closeDay(_ date: String? = nil, faults: String = "") async throws -> SandboxJSON {
        let day = date.map { "\"date\":\"\($0)\"," } ?? ""
        return try await sandbox.control(.post, "/bank/close-day", "{\(day)\"unrelated\":0,\"faults\":[\(faults)]}")
    }

    func fetch(as others: Books? = nil) async throws -> InProcessClient.Answer {
        if others == nil, try await books.list("/v1/payout-sources").isEmpty {
            // As payment-orchestrator told when the key was tried, a day before the first payout.
            try await books.tell(
                ProviderAccountConnectedV1(providerAccountID: account, provider: provider), about: account,
                at: TimeSource.system.now().adding(.seconds(-86_400)))
        }
        return try await http.call(
            .post, "/v1/payout-sources/\(account)/fetch", as: (others ?? books).principal(), json: "{}",
            key: Books.newKey())
    }
}

extension PrivateSandbox {
    /// A client pays at Stripe; answers Stripe's name for it.
    func payAtStripe(_ payment: PaymentID, _ cents: Int64, key: String) async throws -> String {
        let named = "[quittance_payment]=\(payment)"
        let form =
            "mode=payment&success_url=https%3A%2F%2Fpay.example%2Fok&line_items[0][quantity]=1"
            + "&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=\(cents)"
            + "&line_items[0][price_data][product_data][name]=Soins&metadata\(named)"
            + "&payment_intent_data[metadata]\(named)"
        let answer = try await call(
            .post, "/stripe/v1/checkout/sessions", form, headers: [("Authorization", "Bearer \(key)")])
        let session = answer.json["id"].string
        guard !session.isEmpty else { throw BenchFailure(text: answer.text) }
        try await control(.post, "/stripe/payments/\(session)/act", #"{"action":"accept"}"#)
        return session
    }
}

// MARK: Files

extension PayoutWorld {
    /// The report a person would download, written from what the provider's API lists.
    func reportFile() async throws -> String {
        provider == .stripe ? try await stripeFile() : try await paypalFile()
    }

    private func stripeFile() async throws -> String {
        let listed = try await sandbox.call(
            .get, "/stripe/v1/balance_transactions?limit=100&expand[]=data.source",
            headers: [("Authorization", "Bearer sk_test_books")])
        let payouts = try await sandbox.call(
            .get, "/stripe/v1/payouts", headers: [("Authorization", "Bearer sk_test_books")])
        let payout = payouts.json["data"][0]
        let day = Instant(secondsSince1970: Int64(payout["arrival_date"].int ?? 0)).utcDate
        let header =
            "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,reporting_category,currency,gross,fee,"
            + "net,payment_intent_id,payment_metadata[quittance_payment]"
        func euros(_ cents: SandboxJSON) -> String {
            Money.euros(cents: Int64(cents.int ?? 0)).decimalText(separator: ".")
        }
        let rows = listed.json["data"].list.map { row in
            [
                payout["id"].string, "\(day) 00:00:00", row["id"].string, row["type"].string, "eur",
                euros(row["amount"]),
                euros(row["fee"]), euros(row["net"]), row["source"]["payment_intent"].string,
                row["source"]["metadata"]["quittance_payment"].string,
            ].joined(separator: ",")
        }
        return ([header] + rows).joined(separator: "\n")
    }

    private func paypalFile() async throws -> String {
        let token = try await sandbox.call(
            .post, "/paypal/v1/oauth2/token", "grant_type=client_credentials",
            headers: [("Authorization", "Basic Y2xpZW50X2Jvb2tzOnNlY3JldF9ib29rcw==")]
        ).json["access_token"].string
        let now = TimeSource.system.now()
        let (start, end) = (now.adding(.seconds(-86_400)), now.adding(.seconds(60)))
        let found = try await sandbox.call(
            .get,
            "/paypal/v1/reporting/transactions?start_date=\("\(start)".prefix(19))Z&end_date=\("\(end)".prefix(19))Z",
            headers: [("Authorization", "Bearer \(token)")])
        let header =
            #""CH","Transaction ID","Invoice ID","PayPal Reference ID","Transaction Event Code","#
            + #""Transaction Initiation Date","Transaction Debit or Credit","Gross Transaction Amount","#
            + #""Gross Transaction Currency","Fee Debit or Credit","Fee Amount","Fee Currency""#
        func cents(_ value: SandboxJSON) -> String { value["value"].string.filter(\.isNumber) }
        func side(_ value: SandboxJSON) -> String { value["value"].string.hasPrefix("-") ? "DR" : "CR" }
        let rows = found.json["transaction_details"].list.map { detail in
            let row = detail["transaction_info"]
            let (amount, fee) = (row["transaction_amount"], row["fee_amount"])
            return [
                "SB", row["transaction_id"].string, row["invoice_id"].string, row["paypal_reference_id"].string,
                row["transaction_event_code"].string,
                row["transaction_initiation_date"].string.replacing("-", with: "/"), side(amount), cents(amount), "EUR",
                side(fee), cents(fee), "EUR",
            ].map { "\"\($0)\"" }.joined(separator: ",")
        }
        return ([#""RH","2026/11/21","A","CLIENT","011""#, header] + rows + [#""SC","2""#]).joined(separator: "\r\n")
    }
}
