import HTTPServer
import ServiceRuntime
import Testing

/// OPS-5: what check-configuration refuses is what serve would die of, or what would be unsafe.
@Suite struct `The configuration of a service` {
    /// One value that must be refused, and what its variable is told.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let service: String
        let name: String
        let value: String
        let told: String
        var besides: [String: String] = [:]

        var testDescription: String { "\(service): \(name)=\(value)" }
    }

    private static let mistakes: [Mistake] = [
        Mistake(service: "invoicing", name: "QUITTANCE_TOKEN_KEYS", value: "{}", told: "mint-token --generate-keys"),
        Mistake(
            service: "invoicing", name: "QUITTANCE_KAFKA_PROPERTIES", value: "nothing", told: "name=value"),
        Mistake(
            service: "invoicing", name: "QUITTANCE_COLOUR_PROFILE", value: "/nowhere/sRGB.icc",
            told: "icc-profiles-free"),
        Mistake(
            service: "invoicing", name: "QUITTANCE_POSTGRES_CERTIFICATE_AUTHORITY", value: "", told: "",
            besides: ["QUITTANCE_POSTGRES_TLS": "verify-full"]),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_SEALING_KEYS", value: "first:short", told: "openssl"),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_TIME_ZONE", value: "Europe/Pari", told: "Europe/Paris"),
        Mistake(service: "reconciliation", name: "QUITTANCE_TIME_ZONE", value: "Mars/Base", told: "Europe/Paris"),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_USURY_CEILINGS", value: "yesterday", told: "2026-01-01"),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_INTENT_LEASE", value: "21s", told: "22s at least"),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_STRIPE_AMOUNT_MIN", value: "5001",
            told: "5000 at most, as QUITTANCE_STRIPE_AMOUNT_MAX", besides: ["QUITTANCE_STRIPE_AMOUNT_MAX": "5000"]),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_PAYPAL_AMOUNT_MIN", value: "",
            told: "99 at most, as QUITTANCE_PAYPAL_AMOUNT_MAX", besides: ["QUITTANCE_PAYPAL_AMOUNT_MAX": "99"]),
        Mistake(service: "payment-orchestrator", name: "QUITTANCE_ALMA_ORIGIN", value: "onlin", told: "online, "),
        Mistake(service: "payment-orchestrator", name: "QUITTANCE_ALMA_ORIGIN", value: "in_page", told: "_in_page"),
        Mistake(service: "payment-orchestrator", name: "QUITTANCE_ALMA_SCREEN_ORIGIN", value: "pos_", told: "pos_sms"),
        Mistake(service: "payment-orchestrator", name: "QUITTANCE_ALMA_SCREEN_ORIGIN", value: "POS", told: "pos_sms"),
        Mistake(
            service: "payment-orchestrator", name: "QUITTANCE_ALMA_LIVE_URL", value: "ftp://alma.example", told: "https"
        ),
        Mistake(service: "notification", name: "QUITTANCE_SMSFACTOR_URL", value: "smtp://sms.example", told: "https"),
        Mistake(service: "notification", name: "QUITTANCE_SIGNING_KEY", value: "{}", told: "private-key.json"),
        Mistake(service: "notification", name: "QUITTANCE_CALL_LEASE", value: "29s", told: "30s at least"),
        Mistake(
            service: "notification", name: "QUITTANCE_PAY_LINK_WAIT", value: "1h", told: "AGE_MAX, 1h",
            besides: ["QUITTANCE_MESSAGE_AGE_MAX": "1h"]),
        Mistake(service: "notification", name: "QUITTANCE_SMS_SENDER", value: "TwelveLetter", told: "3 to 11"),
        Mistake(service: "notification", name: "QUITTANCE_SMS_SENDER", value: "Vétos", told: "3 to 11"),
        Mistake(service: "notification", name: "QUITTANCE_MAIL_FROM", value: "accueil", told: "accueil@clinique"),
        Mistake(service: "notification", name: "QUITTANCE_SMS_GATEWAYS", value: "pigeon", told: "smsfactor"),
        Mistake(service: "notification", name: "QUITTANCE_HTTP_GATEWAY", value: "{}", told: "description of a gateway"),
        Mistake(
            service: "notification", name: "QUITTANCE_OVH_ACCOUNT", value: "", told: "must be set",
            besides: ["QUITTANCE_SMS_GATEWAYS": "smsfactor,ovhcloud"]),
        // A rehearsal reaches nobody: the law on marketing holds for the day it is.
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24",
            told: "smsfactor is on another machine"),
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24", told: "smsfactor",
            besides: ["QUITTANCE_SMSFACTOR_URL": "http://127.0.0.1.example.org"]),
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24", told: "smtp is",
            besides: ["QUITTANCE_SMSFACTOR_URL": "http://127.0.0.1:9090", "QUITTANCE_SMTP_HOST": "mail.example"]),
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24", told: "smsfactor is",
            besides: ["QUITTANCE_SMSFACTOR_URL": "http://localhost:x@sms.example/"]),
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24",
            told: "mail server's own port",
            besides: ["QUITTANCE_SMSFACTOR_URL": "http://localhost:9090", "QUITTANCE_SMTP_PORT": "25"]),
        Mistake(
            service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "2026-11-24", told: "kannel reaches",
            besides: [
                "QUITTANCE_SMS_GATEWAYS": "kannel", "QUITTANCE_KANNEL_URL": "http://localhost:13013",
                "QUITTANCE_KANNEL_USER": "a", "QUITTANCE_KANNEL_PASSWORD": "b",
                "QUITTANCE_RECEIPTS_URL": "http://localhost:8103/webhooks", "QUITTANCE_RECEIPT_SECRET": "c",
                "QUITTANCE_SMTP_PORT": "9",
            ]),
        Mistake(service: "notification", name: "QUITTANCE_REHEARSAL_DAY", value: "Tuesday", told: "2026-11-24"),
        Mistake(
            service: "notification", name: "QUITTANCE_SMTP_PASSWORD", value: "", told: "must be set",
            besides: ["QUITTANCE_SMTP_USER": "quittance"]),
        Mistake(
            service: "notification", name: "QUITTANCE_CALL_LEASE", value: "44s", told: "45s at least",
            besides: [
                "QUITTANCE_SMS_GATEWAYS": "ovhcloud", "QUITTANCE_OVH_ACCOUNT": "a",
                "QUITTANCE_OVH_APPLICATION_KEY": "b", "QUITTANCE_OVH_APPLICATION_SECRET": "c",
                "QUITTANCE_OVH_CONSUMER_KEY": "d",
            ]),
    ]

    private func read(_ name: String, _ more: [String: String]) throws -> Settings {
        let service = try #require(BareService.all.first { $0.name == name })
        return try service.read(more)
    }

    @Test(arguments: mistakes)
    func `is refused for what serve would die of, with what to write instead`(mistake: Mistake) throws {
        var variables = mistake.besides
        if !mistake.value.isEmpty { variables[mistake.name] = mistake.value }
        let error = try #require(throws: SettingsError.self) { try read(mistake.service, variables) }
        let problem = try #require(error.problems.first { $0.name == mistake.name }, "\(error)")
        #expect(problem.reason.contains(mistake.told), "\(problem.reason)")
        #expect(mistake.value.count < 5 || !mistake.name.contains("KEY") || !"\(error)".contains(mistake.value))
    }

    @Test(arguments: BareService.all)
    func `is taken as it comes`(service: BareService) throws {
        let settings = try service.read([:])
        #expect(settings.slips.isEmpty)
    }

    /// Its documentation names no more, and says of the last only how they begin.
    @Test(arguments: ["online", "online_in_page", "pos", "pos_link", "pos_sms", "pos_device"])
    func `names to Alma any origin it may know`(_ origin: String) throws {
        let names = ["QUITTANCE_ALMA_ORIGIN", "QUITTANCE_ALMA_SCREEN_ORIGIN"]
        _ = try read("payment-orchestrator", Dictionary(names.map { ($0, origin) }) { first, _ in first })
    }

    @Test func `is refused for everything at once`() throws {
        let wrong = [
            "QUITTANCE_SIGNING_KEY": "x", "QUITTANCE_MAIL_FROM": "x", "QUITTANCE_SMS_SENDER": "x",
            "QUITTANCE_CALL_LEASE": "1s", "QUITTANCE_KAFKA_PROPERTIES": "x",
        ]
        let error = try #require(throws: SettingsError.self) { try read("notification", wrong) }
        #expect(Set(error.problems.map(\.name)) == Set(wrong.keys))
    }

    @Test func `takes no other service's setting for a slip of the pen`() throws {
        for service in BareService.all {
            for other in BareService.all {
                let variables = Dictionary(
                    (other.settings.map(\.name) + other.settings.map { $0.name + "_FILE" }).map { ($0, "") }
                ) { first, _ in first }
                let slips = service.slips(variables)
                #expect(slips.isEmpty, "\(service.name) and \(other.name): \(slips)")
            }
        }
    }
}
