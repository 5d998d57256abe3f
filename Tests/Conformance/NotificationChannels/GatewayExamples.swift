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

/// The gateways for SMS that must behave alike, each against the sandbox that plays it.
enum GatewayKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case smsfactor, ovhcloud, twilio, kannel, described

    var testDescription: String { rawValue }

    /// The operation that sends, as faults name it.
    var operation: String { "\(rawValue).send" }
}

/// One sandbox with a customer at every gateway.
struct GatewayBench: Sendable {
    let sandbox: PrivateSandbox
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
        return GatewayBench(sandbox: sandbox)
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
        let url = url ?? "\(sandbox.url)/\(kind.rawValue)"
        func secret(_ text: String) -> Secret { Secret(isStranger ? "wrong" : text) }
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
        case .described:
            return HTTPTemplateGateway(
                try Self.template(url), secret: secret("described key"), sender: "Les Lilas", timeMax: timeMax,
                client: client)
        }
    }

    private func ovhcloud(_ isStranger: Bool, _ url: String) -> OVHcloudSettings {
        OVHcloudSettings(
            baseURL: url, account: "sms-1", keys: ("ak", Secret(isStranger ? "wrong" : "as"), Secret("ck")),
            sender: "Les Lilas", timeMax: .seconds(2))
    }

    /// What OVHcloud keeps for its customer until it is asked.
    func replies(isStranger: Bool = false, at url: String? = nil) -> OVHcloudReplies {
        OVHcloudReplies(
            ovhcloud(isStranger, url ?? "\(sandbox.url)/ovhcloud"), client: client, time: .system)
    }

    private struct NoTemplate: Error {}

    private static func template(_ url: String) throws -> HTTPTemplate {
        let json = #"""
            {"name":"described","method":"POST","url":"\#(url)/send","headers":{"X-Key":"{{secret}}"},
             "body":"{\"phone\":\"{{digits}}\",\"words\":\"{{text}}\",\"name\":\"{{sender}}\",\#
            \"alphabet\":\"{{coding}}\",\"minutes\":{{validity}}}",
             "taken":{"pointer":"/result/state","values":["queued"]},
             "refused":{"pointer":"/result/state","values":["bad"]}, "notTaken":{"statuses":[403]},
             "referencePointer":"/result/tickets/0","partsPointer":"/result/units"}
            """#
        guard let template = HTTPTemplate(json: Array(json.utf8)) else { throw NoTemplate() }
        return template
    }

    /// What the gateway took for a number.
    func taken(_ kind: GatewayKind, _ to: String) async throws -> [SandboxJSON] {
        let path = kind == .smsfactor ? "/sms/messages" : "/gateways/messages"
        return try await sandbox.control(.get, "\(path)?to=\(to.dropFirst())").list
    }

    func spoil(_ kind: GatewayKind, _ message: OutgoingMessage, by fault: String) async throws {
        // Some gateways are given the number without its plus sign, or percent-encoded.
        let digits = message.address.dropFirst()
        try await sandbox.control(
            .post, "/faults", #"{"operation":"\#(kind.operation)","containing":"\#(digits)",\#(fault)}"#)
    }

    static func message(
        _ text: String = "Bonjour", to address: String? = nil, isMarketing: Bool = false, stopMention: String? = nil,
        validMinutes: Int? = nil
    ) -> OutgoingMessage {
        OutgoingMessage(
            id: IdentifierSource.system.make(), address: address ?? "+336\(Int.random(in: 10_000_000...99_999_999))",
            subject: "", text: text, isMarketing: isMarketing, stopMention: stopMention, validMinutes: validMinutes,
            writtenAt: TimeSource.system.now())
    }
}
