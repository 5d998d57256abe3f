import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// A clinic's account at Stripe or PayPal, connected through the service, on a bench with a world of its own.
struct ProviderStory: Sendable, CustomTestStringConvertible {
    let provider: Provider
    /// The account as the sandbox is told of it.
    let sandboxAccount: String
    /// What a person enters.
    let credentials: String
    /// A secret that must not be shown again.
    let secret: String
    let create: String
    /// The beginning of the address under which the client pays.
    let page: String
    /// What the provider calls the notification that the client agreed.
    let agreed: String
    /// What it calls the one that the client disputes the payment.
    let disputed: String

    var testDescription: String { provider.rawValue }

    static let all = [
        ProviderStory(
            provider: .stripe,
            sandboxAccount: #""apiKey":"sk_test_story","accountID":"acct_story","webhookSecret":"whsec_story""#,
            credentials: #""key":"sk_test_story","notificationKey":"whsec_story""#, secret: "sk_test_story",
            create: "stripe.create-session", page: "/stripe/checkout/",
            agreed: "checkout.session.completed", disputed: "charge.dispute.created"),
        ProviderStory(
            provider: .paypal,
            sandboxAccount: #""clientID":"client_story","secret":"secret_story","webhookID":"WH-story""#,
            credentials: #""key":"secret_story","client":"client_story","notificationKey":"WH-story""#,
            secret: "secret_story", create: "paypal.create-order", page: "/paypal/checkout/",
            agreed: "CHECKOUT.ORDER.APPROVED", disputed: "CUSTOMER.DISPUTE.CREATED"),
    ]

    /// A bench with the account connected, `more` settings beside the usual ones; answers the account's name.
    func connected(_ more: [String: String] = [:]) async throws -> (bench: PaymentBench, account: String) {
        let bench = try await PaymentBench.start(more)
        let notifications = #""webhookURL":"\#(bench.sandbox.url)/sink/notifications""#
        try await bench.sandbox.control(
            .post, "/\(provider.rawValue)/accounts", "{\(sandboxAccount),\(notifications)}")
        let answer = try await connect(bench, credentials)
        guard answer.status == 200, let id = answer.json["id"]?.text else { throw BenchFailure(text: answer.text) }
        return (bench, id)
    }

    func connect(_ bench: PaymentBench, _ credentials: String) async throws -> InProcessClient.Answer {
        try await bench.call(
            .post, "/v1/provider-accounts",
            #"{"clinicID":"\#(PaymentBench.clinic)","provider":"\#(provider.rawValue)",\#(credentials)}"#,
            key: "connect-\(IdentifierSource.system.next())")
    }

    /// A payment asked for, with the token of its link.
    func request(
        _ bench: PaymentBench, invoice: InvoiceID? = nil
    ) async throws -> (id: PaymentID, token: String) {
        let draft = bench.draft(invoice: invoice, more: #""provider":"\#(provider.rawValue)","#)
            .replacing(#""plan":"3x""#, with: #""plan":"1x""#)
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "ask-\(IdentifierSource.system.next())")
        guard answer.status == 201, let link = answer.json["payLink"]?.text,
            let id = answer.json["payment"]?["id"]?.text.flatMap({ PaymentID($0) })
        else { throw BenchFailure(text: answer.text) }
        return (id, String(link.split(separator: "/").last ?? ""))
    }

    /// The client goes on; the provider's name for the payment, or `nil` when our page answers.
    func open(_ token: String, _ bench: PaymentBench) async throws -> String? {
        let answer = try await bench.http.call(.post, "/p/\(token)")
        guard answer.status == 303 else { throw BenchFailure(text: answer.text) }
        let location = answer.headers["Location"] ?? ""
        return location.contains(page) ? location.split(separator: "/").last.map(String.init) : nil
    }

    func act(_ action: String, on reference: String, _ bench: PaymentBench) async throws {
        try await bench.sandbox.control(
            .post, "/\(provider.rawValue)/payments/\(reference)/act", "{\"action\":\"\(action)\"}")
    }

    /// The client goes on and agrees on the provider's page; the provider's name for the payment.
    @discardableResult
    func agree(_ token: String, _ bench: PaymentBench) async throws -> String {
        guard let reference = try await open(token, bench) else { throw BenchFailure(text: "not opened") }
        try await act("accept", on: reference, bench)
        return reference
    }

    /// A payment the provider accepted, with the provider's name for it.
    func accepted(_ bench: PaymentBench) async throws -> (payment: PaymentID, reference: String) {
        let payment = try await request(bench)
        let reference = try await agree(payment.token, bench)
        try await bench.sweep(after: .seconds(4))
        let state = try await bench.state(payment.id)
        guard state == "accepted" else { throw BenchFailure(text: "it is \(state)") }
        return (payment.id, reference)
    }

    /// What the provider holds for one of our payments.
    func held(_ id: PaymentID, _ bench: PaymentBench) async throws -> [SandboxJSON] {
        try await bench.sandbox.control(.get, "/\(provider.rawValue)/payments?payment=\(id)").list
    }

    /// Somebody gives money back on the provider's own page, which has not carried it out; answers its name.
    func giveBackByHand(_ cents: Int, of payment: PaymentID, _ bench: PaymentBench) async throws -> String {
        guard let object = try await held(payment, bench).first else { throw BenchFailure(text: "nothing is held") }
        let refund = try await bench.sandbox.giveBackByHand(cents, of: object, at: provider, account: "story")
        try await settle(refund, as: "pending", bench)
        return refund
    }

    /// What the provider says of a refund from now on: pending, succeeded.
    func settle(_ refund: String, as status: String, _ bench: PaymentBench) async throws {
        try await bench.sandbox.settle(refund, at: provider, as: status)
    }

    /// Carries every notification the provider has sent so far to the service; answers the statuses.
    ///
    /// Waits until one of them says `word`, or else that the client agreed.
    func deliver(
        _ bench: PaymentBench, to account: String, times: Int = 1, saying word: String? = nil
    ) async throws -> [Int] {
        let word = word ?? agreed
        var seen: [SandboxJSON] = []
        try await waitUntil("\(provider.rawValue) says \(word)") {
            seen = try await bench.sandbox.control(.get, "/sink/notifications").list
            return seen.contains { $0["body"].string.contains(word) }
        }
        var statuses: [Int] = []
        for notification in seen {
            guard case .object(let members) = notification["headers"] else {
                throw BenchFailure(text: "\(notification)")
            }
            let headers = Headers(members.map { ($0.key, $0.value.string) })
            for _ in 0..<times {
                let request = IncomingRequest(
                    method: "POST", target: "/webhooks/\(provider.rawValue)/\(account)", headers: headers,
                    bytes: Array(notification["body"].string.utf8))
                statuses.append(try await bench.http.call(request).status)
            }
        }
        return statuses
    }
}
