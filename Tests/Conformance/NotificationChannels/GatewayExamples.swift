import Foundation
import HTTPClient
import Logging
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// The gateways that must behave alike, each against the sandbox that plays it.
enum GatewayKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case smsfactor, ovhcloud, twilio, kannel, described, smtp

    static let forSMS = allCases.filter { $0 != .smtp }

    var testDescription: String { rawValue }

    /// The operation that sends, as faults name it.
    var operation: String { "\(rawValue).send" }
}

/// How a call goes wrong, whatever the gateway speaks.
enum Trouble: String, Sendable, CustomTestStringConvertible {
    case loseAnswer = "lose-answer"
    case slowAnswer = "slow-answer"
    case rateLimit = "rate-limit"
    /// Of HTTP alone: a page of a proxy, and a connection that ends without an effect, which mail tells apart.
    case html, drop

    var testDescription: String { rawValue }

    /// As the sandbox is told.
    var fault: String { #""kind":"\#(rawValue)","milliseconds":60000"# }

    /// As the mail server is told.
    var mailRule: String {
        switch self {
        case .loseAnswer: #""mode":"lose-answer""#
        case .slowAnswer: #""mode":"slow","seconds":60"#
        case .rateLimit: #""mode":"defer""#
        case .html, .drop: preconditionFailure("mail has no \(rawValue)")
        }
    }
}

/// One sandbox with a customer at every gateway, and its mail server.
struct GatewayBench: Sendable {
    let sandbox: PrivateSandbox
    let mail: SandboxMailServer
    private let client = HTTPClient(logger: Logger(label: "conformance"))
    private static let secret = Secret("secret of the receipts")
    private static let started = Task { try await start() }

    static func shared() async throws -> GatewayBench { try await started.value }

    private static func start() async throws -> GatewayBench {
        let sandbox = try await PrivateSandbox.start(["--sms-account", "token=1000000"])
        let accounts = [
            "ovhcloud": ovhcloud(secondsAhead: 3_600),
            "twilio": #"{"sid":"AC1","token":"twilio token"}"#, "kannel": #"{"user":"us","password":"pässword &?"}"#,
            "described": #"{"key":"described key"}"#,
        ]
        for (gateway, credentials) in accounts {
            try await sandbox.control(.post, "/gateways/accounts/\(gateway)", credentials)
        }
        let mail = try SandboxMailServer(["--user", "us", "--password", "mail password", "--require-starttls"])
        return GatewayBench(sandbox: sandbox, mail: mail)
    }

    /// OVHcloud's customer, with a clock that is not ours: whoever signs with his own is refused.
    static func ovhcloud(secondsAhead: Int) -> String {
        """
        {"account":"sms-1","applicationKey":"ak","applicationSecret":"as","consumerKey":"ck",
         "clockAhead":"\(secondsAhead)"}
        """
    }

    /// The gateway with the customer's credentials, or with those of a stranger; at another address if one is given.
    func gateway(
        _ kind: GatewayKind, isStranger: Bool = false, at url: String? = nil, timeMax: Duration = .seconds(60)
    ) throws -> any MessageGateway {
        func secret(_ text: String) -> Secret { Secret(isStranger ? "wrong" : text) }
        let isAway = url != nil
        let url = url ?? "\(sandbox.url)/\(kind.rawValue)"
        switch kind {
        case .smsfactor:
            return SMSFactorGateway(
                SMSFactorSettings(baseURL: url, token: secret("token"), sender: "Les Lilas", timeMax: timeMax),
                client: client)
        case .ovhcloud:
            return OVHcloudGateway(ovhcloud(isStranger, url), client: client, time: .system)
        case .twilio:
            return TwilioGateway(
                TwilioSettings(
                    baseURL: url, account: ("AC1", secret("twilio token")), sender: "Les Lilas",
                    receiptsURL: sandbox.url + "/sink/twilio", timeMax: timeMax), client: client)
        case .kannel:
            return KannelGateway(
                KannelSettings(
                    baseURL: url, login: ("us", secret("pässword &?")), sender: "Les Lilas",
                    receipts: (sandbox.url + "/sink/kannel", Self.secret), timeMax: timeMax), client: client)
        case .smtp:
            return smtp(secret("mail password"), isAway: isAway, timeMax)
        case .described:
            return HTTPTemplateGateway(
                try template(url), secret: secret("described key"), sender: "Les Lilas", timeMax: timeMax,
                client: client)
        }
    }

    private func smtp(_ password: Secret, isAway: Bool, _ timeMax: Duration) -> any MessageGateway {
        var settings = mail.settings(login: SMTPSettings.Login(user: "us", password: password))
        settings.totalTimeout = timeMax
        if isAway { settings.port = 1 }
        return SMTPGateway(
            client: SMTPClient(settings, logger: Logger(label: "conformance")),
            sender: MailMessage.Mailbox("accueil@lilas.example"), attachmentBytesMax: 1_000)
    }

    /// OVHcloud with the customer's keys, and an account that is perhaps not his.
    func ovhcloud(account: String) -> OVHcloudGateway {
        OVHcloudGateway(ovhcloud(false, "\(sandbox.url)/ovhcloud", account: account), client: client, time: .system)
    }

    private func ovhcloud(_ isStranger: Bool, _ url: String, account: String = "sms-1") -> OVHcloudSettings {
        OVHcloudSettings(
            baseURL: url, account: account, keys: ("ak", Secret(isStranger ? "wrong" : "as"), Secret("ck")),
            sender: "Les Lilas", timeMax: .seconds(2))
    }

    /// What OVHcloud keeps for its customer until it is asked.
    func replies(isStranger: Bool = false, at url: String? = nil) -> OVHcloudReplies {
        OVHcloudReplies(
            ovhcloud(isStranger, url ?? "\(sandbox.url)/ovhcloud"), client: client, time: .system)
    }

    private struct NoTemplate: Error {}

    /// The one the service's page shows, at this address.
    private func template(_ url: String) throws -> HTTPTemplate {
        let json = try DescribedGatewayPage().example.replacing("https://sms.example", with: url)
            .replacing("https://quittance.example/webhooks/http", with: "\(sandbox.url)/sink/described")
        guard let template = HTTPTemplate(json: Array(json.utf8)) else { throw NoTemplate() }
        return template
    }

    /// What the gateway took for a number.
    func taken(_ kind: GatewayKind, _ to: String) async throws -> [SandboxJSON] {
        if kind == .smtp {
            return try await mail.messages(to: to).map { .object(["shown": .text(Self.lines(of: $0.text ?? ""))]) }
        }
        let path = kind == .smsfactor ? "/sms/messages" : "/gateways/messages"
        return try await sandbox.control(.get, "\(path)?to=\(to.dropFirst())").list
    }

    /// A mail ends its lines in its own way, and its last one too.
    private static func lines(of text: String) -> String {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    func spoil(_ kind: GatewayKind, _ message: OutgoingMessage, by trouble: Trouble) async throws {
        guard kind == .smtp else { return try await spoil(kind, message, by: trouble.fault) }
        try await mail.behave(#"{\#(trouble.mailRule),"to":"\#(message.address)","times":1}"#)
    }

    func spoil(_ kind: GatewayKind, _ message: OutgoingMessage, by fault: String) async throws {
        // Some gateways are given the number without its plus sign, or percent-encoded.
        let digits = message.address.dropFirst()
        try await sandbox.control(
            .post, "/faults", #"{"operation":"\#(kind.operation)","containing":"\#(digits)",\#(fault)}"#)
    }

    /// A message to somebody the gateway can reach.
    static func message(by kind: GatewayKind, _ text: String = "Bonjour") -> OutgoingMessage {
        message(text, to: kind == .smtp ? "client-\(IdentifierSource.system.next())@example.org" : nil)
    }

    /// A message to a number that is none, or to a mailbox there is not.
    func unreachable(by kind: GatewayKind) async throws -> OutgoingMessage {
        guard kind == .smtp else { return Self.message(to: "+0123") }
        let message = Self.message(by: kind)
        try await mail.behave(#"{"mode":"refuse","to":"\#(message.address)"}"#)
        return message
    }

    static func message(
        _ text: String = "Bonjour", to address: String? = nil, isMarketing: Bool = false, stopMention: String? = nil,
        validMinutes: Int? = nil
    ) -> OutgoingMessage {
        OutgoingMessage(
            id: IdentifierSource.system.make(), address: address ?? "+336\(Int.random(in: 10_000_000...99_999_999))",
            subject: "Votre clinique", text: text, isMarketing: isMarketing, stopMention: stopMention,
            validMinutes: validMinutes,
            writtenAt: TimeSource.system.now())
    }
}
