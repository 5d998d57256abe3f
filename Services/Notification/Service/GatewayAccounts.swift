import HTTPClient
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime

/// The accounts at gateways this deployment has, as the settings say.
struct GatewayAccounts: Sendable {
    /// A setting names what the others do not describe.
    struct Incomplete: Error, CustomStringConvertible {
        let problems: [SettingsError.Problem]

        var description: String { problems.map { "\($0.name) \($0.reason)" }.joined(separator: "; ") }
    }

    private let settings: Settings
    private let template: HTTPTemplate?

    init(_ settings: Settings) throws {
        self.settings = settings
        guard let file = settings[Configuration.httpGateway] else {
            template = nil
            return
        }
        guard let template = HTTPTemplate(json: Array(file.utf8)) else {
            throw Incomplete(problems: [.init(Configuration.httpGateway, "is not the description of a gateway")])
        }
        self.template = template
    }

    /// What proves a receipt.
    var receipts: ReceiptSettings {
        ReceiptSettings(
            smsFactor: settings[Configuration.smsWebhookSecret], own: settings[Configuration.receiptSecret],
            twilio: settings[Configuration.twilioToken], url: settings[Configuration.receiptsURL], template: template,
            templateSecret: settings[Configuration.httpGatewaySecret])
    }

    /// The names of the gateways for SMS, the one that is tried first in front.
    func order() throws -> [String] {
        let known = ["smsfactor", "ovhcloud", "twilio", "kannel"] + [template?.name].compactMap(\.self)
        let names = settings[Configuration.smsGateways].split(separator: ",").map { text in
            String(text.drop { $0 == " " }.prefix { $0 != " " })
        }
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            let list = known.joined(separator: ", ")
            throw Incomplete(problems: [
                .init(Configuration.smsGateways, "names \(unknown.joined(separator: ", ")): give some of \(list)")
            ])
        }
        guard !names.isEmpty, Set(names).count == names.count else {
            throw Incomplete(problems: [
                .init(Configuration.smsGateways, "must name each gateway once, and one at least")
            ])
        }
        return names
    }

    /// The gateways for SMS, in the same order.
    func gateways(_ client: HTTPClient, _ time: TimeSource) throws -> [any MessageGateway] {
        try order().map { name in
            switch name {
            case "smsfactor": smsFactor(client)
            case "ovhcloud": try ovhcloud(client, time)
            case "twilio": try twilio(client)
            case "kannel": try kannel(client)
            default: try described(client)
            }
        }
    }

    /// Those of them that keep what people write back until they are asked.
    func replyBoxes(_ client: HTTPClient, _ time: TimeSource) throws -> [any ReplyBox] {
        try order().contains("ovhcloud") ? [OVHcloudReplies(try ovhcloudSettings(), client: client, time: time)] : []
    }

    private var sender: String { settings[Configuration.smsSender] }
    private var timeMax: Duration { settings[Configuration.gatewayTimeMax] }

    private func smsFactor(_ client: HTTPClient) -> any MessageGateway {
        SMSFactorGateway(
            SMSFactorSettings(
                baseURL: settings[Configuration.smsURL], token: settings[Configuration.smsToken], sender: sender,
                timeMax: timeMax), client: client)
    }

    private func ovhcloud(_ client: HTTPClient, _ time: TimeSource) throws -> any MessageGateway {
        OVHcloudGateway(try ovhcloudSettings(), client: client, time: time)
    }

    private func ovhcloudSettings() throws -> OVHcloudSettings {
        OVHcloudSettings(
            baseURL: settings[Configuration.ovhURL], account: try demand(Configuration.ovhAccount),
            keys: (
                try demand(Configuration.ovhApplicationKey), try demand(Configuration.ovhApplicationSecret),
                try demand(Configuration.ovhConsumerKey)
            ), sender: sender, timeMax: timeMax)
    }

    private func twilio(_ client: HTTPClient) throws -> any MessageGateway {
        TwilioGateway(
            TwilioSettings(
                baseURL: settings[Configuration.twilioURL],
                account: (try demand(Configuration.twilioAccount), try demand(Configuration.twilioToken)),
                sender: settings[Configuration.twilioSender] ?? sender,
                receiptsURL: try demand(Configuration.receiptsURL) + "/twilio/receipts", timeMax: timeMax),
            client: client)
    }

    private func kannel(_ client: HTTPClient) throws -> any MessageGateway {
        KannelGateway(
            KannelSettings(
                baseURL: try demand(Configuration.kannelURL),
                login: (try demand(Configuration.kannelUser), try demand(Configuration.kannelPassword)),
                sender: sender,
                receipts: (
                    try demand(Configuration.receiptsURL) + "/kannel/receipts", try demand(Configuration.receiptSecret)
                ), timeMax: timeMax), client: client)
    }

    private func described(_ client: HTTPClient) throws -> any MessageGateway {
        guard let template else { throw Incomplete(problems: [missing(Configuration.httpGateway)]) }
        return HTTPTemplateGateway(
            template, secret: try demand(Configuration.httpGatewaySecret), sender: sender, timeMax: timeMax,
            client: client)
    }

    private func demand<Value: Sendable>(_ setting: Setting<Value?>) throws -> Value {
        guard let value = settings[setting] else { throw Incomplete(problems: [missing(setting)]) }
        return value
    }

    private func missing(_ setting: any DescribedSetting) -> SettingsError.Problem {
        .init(setting, "must be set, since QUITTANCE_SMS_GATEWAYS names its gateway")
    }
}

extension GatewayAccounts {
    /// Everything the named gateways lack.
    static func problems(of settings: Settings) -> [SettingsError.Problem] {
        do {
            let accounts = try GatewayAccounts(settings)
            let order = try accounts.order()
            let missing = order.flatMap(accounts.needed).filter { settings.source(of: $0) == .nowhere }
            return missing.map { accounts.missing($0) } + accounts.rateProblems(order)
        } catch let error as Incomplete {
            return error.problems
        } catch {
            return []
        }
    }

    /// A name nobody has would be an account without a limit.
    private func rateProblems(_ order: [String]) -> [SettingsError.Problem] {
        let named = GatewayRates(settings[Configuration.gatewayRateMax])?.names ?? []
        let unknown = named.subtracting(order + ["smtp"]).sorted()
        guard !unknown.isEmpty else { return [] }
        let names = unknown.joined(separator: ", ")
        return [
            .init(
                Configuration.gatewayRateMax, "names \(names): give smtp or some of \(order.joined(separator: ", "))")
        ]
    }

    /// Who rehearses on another day must reach nobody: the law holds for the day it is.
    static func rehearsalProblems(of settings: Settings) -> [SettingsError.Problem] {
        guard settings[Configuration.rehearsalDay] != nil, let accounts = try? GatewayAccounts(settings),
            let order = try? accounts.order()
        else { return [] }
        let reasons = order.compactMap(accounts.reach) + [accounts.mailReach].compactMap(\.self)
        guard !reasons.isEmpty else { return [] }
        return [
            .init(Configuration.rehearsalDay, "must not be set, since \(reasons.joined(separator: " and "))")
        ]
    }

    /// Where the stand-ins of a rehearsal are: machine and port, without a path.
    func standIns() throws -> [String] {
        try order().compactMap(standInURL).map { url in
            url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        }
    }

    /// Why people may be reached through it; nil for a stand-in.
    private func reach(_ gateway: String) -> String? {
        guard let url = standInURL(of: gateway) else { return "\(gateway) reaches people from this machine" }
        return Self.isHere(url) ? nil : "\(gateway) is on another machine and reaches people"
    }

    private var mailReach: String? {
        guard Self.isHere("smtp://" + settings[Configuration.smtpHost]) else {
            return "smtp is on another machine and reaches people"
        }
        // A mail server of one's own reaches people too, and those are the ports it has.
        return [25, 465, 587].contains(settings[Configuration.smtpPort])
            ? "smtp is at a mail server's own port and reaches people" : nil
    }

    /// Where a stand-in would take the place of a gateway on the internet; nil for those that are run on this machine.
    private func standInURL(of gateway: String) -> String? {
        switch gateway {
        case "smsfactor": settings[Configuration.smsURL]
        case "ovhcloud": settings[Configuration.ovhURL]
        case "twilio": settings[Configuration.twilioURL]
        default: nil
        }
    }

    private static func isHere(_ url: String) -> Bool {
        guard let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first else {
            return false
        }
        // Whoever writes a user, or anything else before the machine's name, may mean another machine.
        guard authority.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) }) else {
            return false
        }
        let name = authority.split(separator: ":").first ?? ""
        let isLoopback = name.hasPrefix("127.") && name.allSatisfy { $0 == "." || $0.isASCII && $0.isNumber }
        return name == "localhost" || isLoopback
    }

    private func needed(by gateway: String) -> [any DescribedSetting] {
        switch gateway {
        case "smsfactor": []
        case "ovhcloud":
            [
                Configuration.ovhAccount, Configuration.ovhApplicationKey, Configuration.ovhApplicationSecret,
                Configuration.ovhConsumerKey,
            ]
        case "twilio": [Configuration.twilioAccount, Configuration.twilioToken, Configuration.receiptsURL]
        case "kannel":
            [
                Configuration.kannelURL, Configuration.kannelUser, Configuration.kannelPassword,
                Configuration.receiptsURL, Configuration.receiptSecret,
            ]
        default:
            template?.receiptsNameReferences == true
                ? [Configuration.httpGatewaySecret, Configuration.receiptSecret] : [Configuration.httpGatewaySecret]
        }
    }
}
