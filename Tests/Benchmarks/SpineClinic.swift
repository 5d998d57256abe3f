import Foundation
import HTTPClient
import HTTPServer
import Logging
import PaymentModel
import ServiceRuntime

/// Where the parts of a running system listen.
struct SpineAddresses: Sendable {
    let invoicing: String
    let payments: String
    let notification: String
    let reconciliation: String
    let sandbox: String
}

/// A clinic of an organisation of its own, with its front desk, its clients' phones and its accountant.
struct SpineClinic: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// What one invoice comes to, in cents: three lines with VAT.
    private static let due = 18_000

    let addresses: SpineAddresses
    let http: HTTPClient
    private let token: String
    private let clinic: String
    /// The clinic's key at the provider, and its account there as payment-orchestrator knows it.
    var providerKey = ""
    var account = ""
    /// Many, as a clinic has: what one client owes is locked together when money of it is counted.
    private let clients: [String]

    /// Opens the organisation, its clinic, an account at the provider and one client.
    static func open(_ addresses: SpineAddresses, signingKey: String) async throws -> SpineClinic {
        var settings = HTTPClientSettings()
        settings.concurrentRequestsMax = 256
        settings.waitingRequestsMax = 10_000
        settings.totalTimeout = .seconds(60)
        let http = HTTPClient(settings, logger: Logger(label: "benchmark"))
        let organisation = OrganisationID(IdentifierSource.system.next())
        let principal = Principal(
            subject: "benchmark", organisation: organisation, clinics: .all, role: .manager,
            scopes: [
                "organisation:write", "clients:write", "invoices:read", "invoices:write", "payments:read",
                "payments:write",
                "accounts:write", "messages:read", "reconciliation:read",
            ])
        let token = try await SigningKey(jwk: signingKey).mint(
            principal, rules: TokenRules(issuer: "quittance", audience: "quittance"), from: TimeSource.system.now(),
            lifetime: .seconds(3_600))
        let opening = SpineClinic(addresses: addresses, http: http, token: token, clinic: "", clients: [])
        return try await opening.furnished(organisation)
    }

    private func furnished(_ organisation: OrganisationID) async throws -> SpineClinic {
        _ = try await ask(.put, addresses.invoicing + "/v1/organisation", ["name": "Benchmark"], seen: 0)
        let clinic = try await id(
            ask(.post, addresses.invoicing + "/v1/clinics", ["code": "BENCH", "name": "Clinique Bench"]))
        _ = try await ask(
            .put, addresses.payments + "/v1/clinics/\(clinic)",
            [
                "name": "Clinique Bench", "ownPhones": ["+33148000000"], "ownEmails": [] as [String],
                "ownAddresses": [] as [String],
            ])
        let key = "sk_test_\(organisation)"
        _ = try await ask(
            .post, addresses.sandbox + "/control/alma/accounts",
            [
                "apiKey": key, "merchantID": "merchant_\(organisation)", "name": "Bench",
                "iban": "FR7630006000011234567890189",
            ])
        let account = try await id(
            ask(
                .post, addresses.payments + "/v1/provider-accounts",
                ["clinicID": clinic, "provider": "alma", "key": key]))
        var clients: [String] = []
        for number in 0..<200 {
            let details = Self.person.merging([
                "clinicID": clinic, "phone": "+336\(12_000_000 + number)",
            ]) { $1 }
            clients.append(try await id(ask(.post, addresses.invoicing + "/v1/clients", details)))
        }
        var clinicOfAll = SpineClinic(addresses: addresses, http: http, token: token, clinic: clinic, clients: clients)
        (clinicOfAll.providerKey, clinicOfAll.account) = (key, account)
        return clinicOfAll
    }

    func close() async { await http.close() }

    private static let person: [String: any Sendable] = [
        "firstName": "Camille", "lastName": "Martin", "phone": "+33612345678", "email": "camille@clients.example",
        "town": "Pantin", "country": "FR", "language": "fr",
    ]

    /// From the invoice to the client's yes on the provider's page; what follows comes by events.
    func servePayment() async throws {
        guard let client = clients.randomElement() else { throw Failure(description: "there are no clients") }
        let invoice = try await issuedInvoice(to: client)
        let created = try await ask(
            .post, addresses.payments + "/v1/payments",
            [
                "clinicID": clinic, "invoiceID": invoice, "clientID": client,
                "amount": ["minorUnits": Self.due, "currency": "EUR"] as [String: any Sendable], "plan": "3x",
                "channel": "sms", "client": Self.person,
            ])
        guard let link = created["payLink"] as? String else { throw Failure(description: "no link: \(created)") }
        try await accept(try await open(link))
    }

    /// A payment of a free amount that nobody opened yet: its name and its link.
    func requestPayment(at provider: Provider = .alma) async throws -> (id: String, link: String) {
        guard let client = clients.randomElement() else { throw Failure(description: "there are no clients") }
        let created = try await ask(
            .post, addresses.payments + "/v1/payments",
            [
                "clinicID": clinic, "clientID": client, "another": true, "provider": provider.rawValue,
                "plan": provider == .alma ? "3x" : "1x", "channel": "link", "client": Self.person,
                "amount": ["minorUnits": Self.due, "currency": "EUR"] as [String: any Sendable],
            ])
        guard let link = created["payLink"] as? String, let payment = created["payment"] as? [String: Any],
            let id = payment["id"] as? String
        else { throw Failure(description: "no link: \(created)") }
        return (id, link)
    }

    /// The client goes on; the provider's name for the payment.
    func open(_ link: String) async throws -> String {
        let page = try await http.send(
            HTTPRequest(.post, link, headers: [("Content-Type", "application/x-www-form-urlencoded")], body: []))
        guard let checkout = page.header("Location"), checkout.contains("/checkout/"),
            let reference = checkout.split(separator: "/").last
        else { throw Failure(description: "the link opened no payment: \(page.status)") }
        return String(reference)
    }

    /// The client's yes on the provider's page.
    func accept(_ reference: String, at provider: Provider = .alma) async throws {
        try await control("/\(provider.rawValue)/payments/\(reference)/act", ["action": "accept"])
    }

    /// Connects the clinic at a provider beside the first, which notifies us from then on.
    func connect(_ provider: Provider) async throws {
        let name = "bench_\(clinic)"
        let (merchant, entered): ([String: any Sendable], [String: any Sendable])
        switch provider {
        case .alma: return
        case .stripe:
            let (key, secret) = ("sk_test_\(name)", "whsec_\(name)")
            merchant = ["accountID": "acct_\(name)", "apiKey": key, "webhookSecret": secret]
            entered = ["key": key, "notificationKey": secret]
        case .paypal:
            let (client, secret, webhook) = ("client_\(name)", "secret_\(name)", "WH-\(name)")
            merchant = ["clientID": client, "secret": secret, "webhookID": webhook]
            entered = ["client": client, "key": secret, "notificationKey": webhook]
        }
        let place = "/\(provider.rawValue)/accounts"
        try await control(place, merchant)
        let draft = entered.merging(["clinicID": clinic, "provider": provider.rawValue]) { $1 }
        let account = try await id(ask(.post, addresses.payments + "/v1/provider-accounts", draft))
        let webhook = "\(addresses.payments)/webhooks/\(provider.rawValue)/\(account)"
        try await control(place, merchant.merging(["webhookURL": webhook]) { $1 })
    }

    /// Has the stand-in of a provider notify nobody.
    func silence(_ provider: Provider) async throws {
        let channel = provider == .alma ? "alma-ipn" : "\(provider.rawValue)-event"
        try await control("/webhooks", ["channel": channel, "behaviour": "never", "times": 0])
    }

    func endSilence() async throws { _ = try await ask(.delete, addresses.sandbox + "/control/webhooks") }

    /// What starting a payment asks of the provider, without us.
    func startDirectly() async throws {
        let payment: [String: any Sendable] = [
            "purchase_amount": Self.due, "installments_count": 3, "return_url": "https://pay.example/p/x/return",
            "custom_data": ["quittance_attempt": UUID().uuidString] as [String: any Sendable],
        ]
        try await tellProvider("/v1/payments", ["payment": payment])
    }

    /// Takes our name for the try off a payment at the provider, so that it is read for any copy of the try.
    func unname(_ reference: String) async throws {
        let nothing: [String: any Sendable] = ["custom_data": [String: String]()]
        try await tellProvider("/v1/payments/\(reference)", ["payment": nothing])
    }

    private func tellProvider(_ path: String, _ content: [String: any Sendable]) async throws {
        let body = try JSONSerialization.data(withJSONObject: content)
        let answer = try await http.send(
            HTTPRequest(
                .post, addresses.sandbox + "/alma" + path,
                headers: [("Authorization", "Alma-Auth \(providerKey)"), ("Content-Type", "application/json")],
                body: Array(body)))
        guard answer.isSuccess else { throw Failure(description: "the provider answered \(answer.status)") }
    }

    /// Stays on the waiting screen until the payment has ended; whether the light is green then.
    func watch(_ payment: String) async throws -> Bool {
        let answer = try await http.send(
            HTTPRequest(
                .get, addresses.payments + "/v1/payments/\(payment)/live",
                headers: [("Authorization", "Bearer \(token)")]))
        guard answer.isSuccess else { throw Failure(description: "the screen was answered \(answer.status)") }
        return String(decoding: answer.body, as: UTF8.self).contains("\"light\":\"green\"")
    }

    /// What reading a payment back asks of the provider, without us.
    func readDirectly(_ reference: String) async throws {
        let answer = try await http.send(
            HTTPRequest(
                .get, addresses.sandbox + "/alma/v1/payments/\(reference)",
                headers: [("Authorization", "Alma-Auth \(providerKey)")]))
        guard answer.isSuccess else { throw Failure(description: "the provider answered \(answer.status)") }
    }

    /// Tells the stand-ins of the outside world something.
    func control(_ path: String, _ body: [String: any Sendable]) async throws {
        _ = try await ask(.post, addresses.sandbox + "/control" + path, body)
    }

    /// How many payments are in a state.
    func count(in state: String) async throws -> Int {
        var (count, after) = (0, "")
        repeat {
            let page = try await ask(.get, addresses.payments + "/v1/payments?limit=200&state=\(state)" + after)
            count += (page["items"] as? [[String: Any]] ?? []).count
            after = (page["next"] as? String).map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        return count
    }

    /// How many calls of an operation the stand-in of the provider has taken.
    func calls(of operation: String) async throws -> Int {
        let summary = try await ask(.get, addresses.sandbox + "/control/summary")
        return ((summary["calls"] as? [String: Any])?[operation] as? NSNumber)?.intValue ?? 0
    }

    private func issuedInvoice(to client: String) async throws -> String {
        let lines: [[String: any Sendable]] = [
            ("Consultation", 450_000), ("Radiographie", 700_000), ("Antibiotique", 350_000),
        ].map { label, price in
            ["label": label, "unitPriceTenThousandths": price, "vatBasisPoints": 2_000]
        }
        let today = Date().ISO8601Format(.iso8601Date(timeZone: .gmt))
        let answer = try await ask(
            .post, addresses.invoicing + "/v1/invoices",
            ["clientID": client, "clinicID": clinic, "lines": lines, "dueOn": today, "issuedOn": today])
        return try id(answer)
    }

    /// Waits until every payment is in all books and every message was handed over.
    func waitForBooks(of payments: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        let expected = payments * Self.due
        var seen = (received: 0, fees: 0)
        while ContinuousClock.now < deadline {
            let totals = try await ask(.get, addresses.invoicing + "/v1/totals")
            let fees = try await ask(
                .get, addresses.reconciliation + "/v1/fees?from=2020-01-01&to=2099-12-31&limit=1")
            seen = (cents(totals["received"]), cents((fees["totals"] as? [[String: Any]])?.first?["amount"]))
            if seen == (expected, expected), try await messagesAreOut() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "after 120 s the books show \(seen), not \(expected)")
    }

    private func messagesAreOut() async throws -> Bool {
        var after = ""
        repeat {
            let page = try await ask(.get, addresses.notification + "/v1/messages?limit=200" + after)
            let states = (page["items"] as? [[String: Any]] ?? []).compactMap { $0["state"] as? String }
            // A link whose payment was accepted before it left is called off; its confirmation leaves all the same.
            guard states.allSatisfy(["sent", "delivered", "called-off"].contains) else { return false }
            after = (page["next"] as? String).map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        return true
    }

    // MARK: Asking

    private func ask(
        _ method: HTTPRequest.Method, _ url: String, _ body: [String: any Sendable]? = nil, seen version: Int? = nil
    ) async throws -> [String: Any] {
        let data = try body.map { Array(try JSONSerialization.data(withJSONObject: $0)) }
        var headers = [("Authorization", "Bearer \(token)")]
        if data != nil { headers.append(("Content-Type", "application/json")) }
        if method == .post { headers.append(("Idempotency-Key", UUID().uuidString)) }
        if let version { headers.append(("If-Match", "\"v\(version)\"")) }
        let answer = try await http.send(HTTPRequest(method, url, headers: headers, body: data))
        guard answer.isSuccess else {
            throw Failure(
                description: "\(method.rawValue) \(url): \(answer.status) "
                    + String(decoding: answer.body.prefix(500), as: UTF8.self))
        }
        guard !answer.body.isEmpty else { return [:] }
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    private func id(_ answer: [String: Any]) throws -> String {
        guard let id = answer["id"] as? String else { throw Failure(description: "no id: \(answer)") }
        return id
    }

    private func cents(_ money: Any?) -> Int {
        ((money as? [String: Any])?["minorUnits"] as? NSNumber)?.intValue ?? 0
    }
}
