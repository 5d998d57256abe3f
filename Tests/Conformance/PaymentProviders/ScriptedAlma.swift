import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Synchronization

/// Answers Alma's calls from a script and remembers what was asked.
final class ScriptedAlma: Sendable {
    typealias Answer = Result<HTTPResponse, HTTPClientError>

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    convenience init(_ answers: Answer...) { self.init(answers) }

    init(_ answers: [Answer]) { state = Mutex(State(answers: answers)) }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    var transport: ProviderTransport {
        ProviderTransport { request, _ throws(HTTPClientError) in try self.next(request).get() }
    }

    var provider: AlmaProvider { AlmaProvider(.tests, transport: transport) }

    private func next(_ request: HTTPRequest) -> Answer {
        state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? .failure(.neverSent(.closed)) : state.answers.removeFirst()
        }
    }

    static func json(_ text: String, status: Int = 200) -> Answer {
        .success(HTTPResponse(status: status, body: Array(text.utf8)))
    }

    static func status(_ status: Int, headers: [(String, String)] = []) -> Answer {
        .success(HTTPResponse(status: status, headers: headers))
    }
}

extension AlmaSettings {
    /// For keys of tests.
    static var tests: AlmaSettings {
        var settings = AlmaSettings()
        settings.mode = .test
        // The stand-in answers or hangs up; what it does in time is no question here.
        (settings.connectTimeout, settings.totalTimeout) = (.seconds(60), .seconds(60))
        return settings
    }
}

/// What the tests of adapters speak about.
enum ProviderExamples {
    static let account = AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_scripted_clinic"))
    static let attempt = AttemptID(5)
    static let startedAt = Instant(secondsSince1970: 1_800_000_000)

    static func order(
        _ attempt: AttemptID = attempt, cents: Int64 = 20_000, plan: PaymentPlan = .inInstalments(3),
        feeOffered: Bool = false, provider: Provider = .alma,
        startedAt: Instant = startedAt, notification: String = "http://127.0.0.1:9/webhooks/alma/1"
    ) throws -> StartOrder {
        StartOrder(
            terms: PaymentTerms(
                id: PaymentID(7), debt: .invoice(InvoiceID(8)), client: ClientID(9), amount: .euros(cents: cents),
                plan: plan, provider: provider, account: account.id, channel: .link, feeOffered: feeOffered,
                expiresAt: startedAt.adding(.seconds(7_200))),
            attempt: attempt, client: try client(), title: "Soins vétérinaires", lifetime: .seconds(7_200),
            addresses: ReturnAddresses(
                accepted: "https://pay.example/p/t/return", cancelled: "https://pay.example/p/t/return",
                refused: "https://pay.example/p/t/return", notification: notification))
    }

    static func client() throws -> ClientDetails {
        struct Malformed: Error {}
        guard let phone = Phone(e164: "+33612345678"), let email = EmailAddress("ada@example.org") else {
            throw Malformed()
        }
        return ClientDetails(
            firstName: "Ada", lastName: "Martin", phone: phone, email: email, addressLine: "1 rue des Lilas",
            postalCode: "69001", town: "Lyon", country: "FR", language: .french)
    }

    static func payment(_ fields: String = "", attempt: AttemptID = attempt, id: String = "payment_x") -> String {
        """
        {"id": "\(id)", "url": "https://checkout.example/\(id)", "purchase_amount": 20000, "created": 1800000000,
         "custom_data": {"quittance_attempt": "\(attempt)"}, "unheard_of": [1]\(fields.isEmpty ? "" : ", " + fields)}
        """
    }
}
