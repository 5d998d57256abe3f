import FoundationEssentials
import HTTPClient
import HTTPServer
import NotificationDomain
import Observability
import PaymentModel
import Synchronization

/// Whom a message about a payment is for, as the payment's owner knows it.
struct Recipient: Decodable, Sendable {
    let firstName: String
    let lastName: String
    let phone: Phone?
    let email: EmailAddress?
    let language: Language
    let clinicName: String
    let amount: Money
    let payLink: String
    let schedule: [ScheduledInstalment]

    func address(for channel: Channel) -> String? {
        switch channel {
        case .sms: phone?.e164
        case .email: email?.text
        }
    }
}

/// What a message needs that only the payment's owner knows.
struct Particulars: Sendable {
    let recipient: Recipient
    /// The digits of a message that brings some.
    var code: Secret?
}

/// The owner could not be asked.
struct RecipientUnavailable: Error {
    let reason: String
    /// The owner answered that there is none: asking again changes nothing.
    var isFinal = false
}

/// Asks payment-orchestrator for a recipient: events carry no personal data, so their readers ask its owner.
struct AskRecipient {
    let client: HTTPClient
    /// Of payment-orchestrator, without a slash at the end.
    let baseURL: String
    let key: SigningKey
    let rules: TokenRules
    let time: TimeSource
    private let tokens = MintedTokens()

    init(client: HTTPClient, baseURL: String, key: SigningKey, rules: TokenRules, time: TimeSource) {
        self.client = client
        self.baseURL = baseURL
        self.key = key
        self.rules = rules
        self.time = time
    }

    func run(
        about payment: PaymentID, in organisation: OrganisationID
    ) async throws(RecipientUnavailable) -> Particulars {
        Particulars(recipient: try await answer(to: "/v1/payments/\(payment)/recipient", in: organisation))
    }

    /// With the digits of a code; a code that is good no longer has none.
    func run(
        about payment: PaymentID, bringing code: VerificationID, in organisation: OrganisationID
    ) async throws(RecipientUnavailable) -> Particulars {
        struct Answer: Decodable {
            let recipient: Recipient
            let code: String
        }
        let answer: Answer = try await answer(to: "/v1/payments/\(payment)/codes/\(code)", in: organisation)
        return Particulars(recipient: answer.recipient, code: Secret(answer.code))
    }

    private func answer<Answer: Decodable>(
        to path: String, in organisation: OrganisationID
    ) async throws(RecipientUnavailable) -> Answer {
        do {
            let request = HTTPRequest(
                .get, "\(baseURL)\(path)",
                headers: [("Authorization", "Bearer \(try await token(for: organisation))")],
                connectTimeout: .seconds(2), totalTimeout: .seconds(5), responseBytesMax: 64 << 10)
            let response = try await client.send(request)
            guard response.isSuccess else {
                throw RecipientUnavailable(
                    reason: "payment-orchestrator answered \(response.status)", isFinal: response.status == 404)
            }
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch let error as RecipientUnavailable {
            throw error
        } catch {
            // The error may quote what was decoded, which is personal: its type says enough.
            throw RecipientUnavailable(reason: "\(type(of: error))")
        }
    }

    /// A signature costs both sides more than all the rest of the question, so a token serves for half of its life.
    private func token(for organisation: OrganisationID) async throws -> String {
        let now = time.now()
        if let token = tokens.token(of: organisation, at: now) { return token }
        let principal = Principal(
            subject: "notification", organisation: organisation, clinics: .all, role: .service,
            scopes: ["payments:recipients"])
        let token = try await key.mint(principal, rules: rules, from: now, lifetime: .seconds(60))
        tokens.keep(token, of: organisation, until: now.adding(.seconds(30)))
        return token
    }
}

/// Tokens that are good for a while yet.
private final class MintedTokens: Sendable {
    private static let countMax = 1_000
    private let tokens = Mutex<[OrganisationID: (text: String, until: Instant)]>([:])

    func token(of organisation: OrganisationID, at now: Instant) -> String? {
        tokens.withLock { tokens in tokens[organisation].flatMap { $0.until > now ? $0.text : nil } }
    }

    func keep(_ token: String, of organisation: OrganisationID, until: Instant) {
        tokens.withLock { tokens in
            // Forgetting all of them costs one signature each and needs no order of age.
            if tokens.count >= Self.countMax { tokens.removeAll() }
            tokens[organisation] = (token, until)
        }
    }
}
