import HTTPClient
import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let paymentsURL = Setting.url(
        "QUITTANCE_PAYMENTS_URL", "Where payment-orchestrator is asked for recipients.",
        default: "http://127.0.0.1:8102")
    static let invoicingURL = Setting.url(
        "QUITTANCE_INVOICING_URL", "Where invoicing is asked for recipients and documents.",
        default: "http://127.0.0.1:8101")
    static let signingKey = Setting<Secret>.secret(
        "QUITTANCE_SIGNING_KEY",
        "This service's own private key, with which it names itself to payment-orchestrator and invoicing."
    ).refusing(SigningKey.fault)

    static let smsURL = Setting.url(
        "QUITTANCE_SMSFACTOR_URL", "SMSFactor's address.", default: "https://api.smsfactor.com")
    static let smsToken = Setting<Secret>.secret("QUITTANCE_SMSFACTOR_TOKEN", "Token of the SMSFactor account.")
    static let smsSender = Setting.string(
        "QUITTANCE_SMS_SENDER", "Name a phone shows as the sender, at most 11 characters.", default: "Quittance"
    ).refusing { SenderName($0) == nil ? "must be 3 to 11 letters a-z, digits or spaces, one of them a letter" : nil }
    static let stopMention = Setting.string(
        "QUITTANCE_SMS_STOP_MENTION", "How an SMS of a campaign says that one can opt out.", default: "STOP SMS: 36111"
    ).refusing { (4...40).contains($0.count) ? nil : "must have 4 to 40 characters" }
    static let campaignsAs = Setting.choice(
        "QUITTANCE_SMS_CAMPAIGNS_AS",
        "What SMSFactor and OVHcloud are told a campaign is; to marketing they add a mention of STOP of their own.",
        of: ["marketing", "alert"], default: "marketing")
    static let smsWebhookSecret = Setting<Secret>.secret(
        "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET", "Secret that SMSFactor signs delivery receipts with.")

    static let smsGateways = Setting.string(
        "QUITTANCE_SMS_GATEWAYS",
        "Gateways for SMS in the order they are tried: smsfactor, ovhcloud, twilio, kannel, the described one's name.",
        default: "smsfactor")
    static let receiptsURL = Setting<String?>.optionalURL(
        "QUITTANCE_RECEIPTS_URL", "Where gateways reach /webhooks of this service from outside.")
    static let receiptSecret = Setting<Secret?>.optionalSecret(
        "QUITTANCE_RECEIPT_SECRET", "Makes the keys in the addresses of receipts that are not signed.")
    static let ovhURL = Setting.url(
        "QUITTANCE_OVH_URL", "OVHcloud's address.", default: "https://eu.api.ovh.com/1.0")
    static let ovhAccount = Setting<String?>.optionalString(
        "QUITTANCE_OVH_ACCOUNT", "SMS account at OVHcloud, such as sms-ab12345-1.")
    static let ovhApplicationKey = Setting<String?>.optionalString(
        "QUITTANCE_OVH_APPLICATION_KEY", "Key of the application at OVHcloud.")
    static let ovhApplicationSecret = Setting<Secret?>.optionalSecret(
        "QUITTANCE_OVH_APPLICATION_SECRET", "Secret of the application at OVHcloud.")
    static let ovhConsumerKey = Setting<Secret?>.optionalSecret(
        "QUITTANCE_OVH_CONSUMER_KEY", "Key that lets the application use the account at OVHcloud.")
    static let twilioURL = Setting.url("QUITTANCE_TWILIO_URL", "Twilio's address.", default: "https://api.twilio.com")
    static let twilioAccount = Setting<String?>.optionalString("QUITTANCE_TWILIO_ACCOUNT", "Account at Twilio.")
    static let twilioToken = Setting<Secret?>.optionalSecret(
        "QUITTANCE_TWILIO_TOKEN", "Token of the account at Twilio, which also signs its receipts.")
    static let twilioSender = Setting<String?>.optionalString(
        "QUITTANCE_TWILIO_SENDER", "Number or name Twilio sends from.")
    static let kannelURL = Setting<String?>.optionalURL("QUITTANCE_KANNEL_URL", "Address of Kannel's smsbox.")
    static let kannelUser = Setting<String?>.optionalString("QUITTANCE_KANNEL_USER", "User at Kannel's smsbox.")
    static let kannelPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_KANNEL_PASSWORD", "Password at Kannel's smsbox.")
    static let httpGateway = Setting<String?>.optionalString(
        "QUITTANCE_HTTP_GATEWAY", "Description in JSON of a gateway without an adapter of its own."
    ).refusing { text in
        guard let text, HTTPTemplate(json: Array(text.utf8)) == nil else { return nil }
        return "is not the description of a gateway: Services/Notification/README.md has one with all its keys"
    }
    static let httpGatewaySecret = Setting<Secret?>.optionalSecret(
        "QUITTANCE_HTTP_GATEWAY_SECRET", "The described gateway's secret; also makes the keys of its receipts.")

    static let smtpHost = Setting.string("QUITTANCE_SMTP_HOST", "Mail server.", default: "127.0.0.1")
    static let smtpPort = Setting.integer(
        "QUITTANCE_SMTP_PORT", "Port of the mail server.", in: 1...65_535, unit: "port", default: 587)
    static let smtpTLS = Setting.choice(
        "QUITTANCE_SMTP_TLS", "How the mail server's TLS begins: on the way (587), or with the first byte (465).",
        of: [SMTPSettings.Security.startTLS, .tls].map(\.rawValue), default: SMTPSettings.Security.startTLS.rawValue)
    static let smtpUser = Setting<String?>.optionalString("QUITTANCE_SMTP_USER", "User at the mail server.")
    static let smtpPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_SMTP_PASSWORD", "Password at the mail server.")
    static let smtpCertificates = Setting<String?>.optionalString(
        "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY", "Path of the certificate that signs the mail server's.")
    static let mailFrom = Setting.string(
        "QUITTANCE_MAIL_FROM", "Address mails are sent from.", default: "no-reply@quittance.example"
    ).refusing { EmailAddress($0) == nil ? "must be an address such as accueil@clinique.example" : nil }

    static let attachmentBytesMax = Setting.integer(
        "QUITTANCE_ATTACHMENT_BYTES_MAX", "Largest attachments of one mail, before they grow by a third on the way.",
        in: 10_000...30_000_000, unit: "bytes", default: 10_000_000)

    static let payLinkWait = Setting.duration(
        "QUITTANCE_PAY_LINK_WAIT",
        "Time an invoice's mail waits for payment-orchestrator to name its pay link; then it leaves without.",
        in: .zero...(.seconds(86_400)), default: "10m")

    static let callsMax = Setting.integer(
        "QUITTANCE_GATEWAY_CALLS_MAX",
        "Calls to gateways one worker makes at once; for urgent messages an eighth more, one at the least.",
        in: 1...256, unit: "calls", default: 16)

    static let gatewayTimeMax = Setting.duration(
        "QUITTANCE_GATEWAY_TIME_MAX", "Time one call to a gateway may take; then its outcome is unknown.",
        in: .milliseconds(100)...(.seconds(30)), default: "15s")
    static let gatewayRateMax = Setting.string(
        "QUITTANCE_GATEWAY_RATE_MAX",
        "Messages per second all workers give a gateway, for all or by account as smsfactor=50,smtp=20; 0: no limit.",
        default: "0"
    ).refusing { text in
        guard GatewayRates(text) == nil else { return nil }
        return "must be a number up to 10000, or numbers by gateway such as smsfactor=50,kannel=30"
    }
    static let gatewayFailuresMax = Setting.integer(
        "QUITTANCE_GATEWAY_FAILURES_MAX", "Failed calls in a row after which a gateway is left alone.", in: 1...1_000,
        unit: "calls", default: 10)
    static let gatewayRest = Setting.duration(
        "QUITTANCE_GATEWAY_REST", "Time a failing gateway is left alone before one message tries it.",
        in: .milliseconds(100)...(.seconds(3_600)), default: "30s")
    static let callLease = Setting.duration(
        "QUITTANCE_CALL_LEASE",
        "Time after which a claimed message without an outcome is uncertain; longer than any call takes.",
        in: .seconds(1)...(.seconds(3_600)), default: "60s")
    static let inHandTime = Setting.duration(
        "QUITTANCE_IN_HAND_TIME", "Time a worker has to begin a message it took; then another may take it.",
        in: .seconds(1)...(.seconds(600)), default: "20s")
    static let lookEvery = Setting.duration(
        "QUITTANCE_LOOK_EVERY", "How often an idle worker looks for messages nobody told it of.",
        in: .milliseconds(100)...(.seconds(60)), default: "2s")
    static let repliesEvery = Setting.duration(
        "QUITTANCE_REPLIES_EVERY", "How often a gateway that keeps what people write back is asked for it.",
        in: .milliseconds(100)...(.seconds(3_600)), default: "30s")
    /// Longer than the longest row of days without marketing: three and a half, as at Christmas in Alsace-Moselle.
    static let messageAgeMax = Setting.duration(
        "QUITTANCE_MESSAGE_AGE_MAX", "Age at which a message that has not left is called off.",
        in: .seconds(1)...(.seconds(31_536_000)), default: "5d")

    static let lateAfter = Setting.duration(
        "QUITTANCE_LATE_AFTER", "Time after its own from which a message counts as late.",
        in: .seconds(1)...(.seconds(86_400)), default: "15m")
    static let rehearsalDay = Setting<String?>.optionalString(
        "QUITTANCE_REHEARSAL_DAY",
        "Day taken for today when marketing is held to its hours; only where stand-ins here take all messages."
    ).refusing { text in
        guard let text, LocalDate(text) == nil else { return nil }
        return "is no day such as 2026-11-24"
    }

    static let all: [any DescribedSetting] = [
        paymentsURL, invoicingURL, signingKey, smsGateways, receiptsURL, receiptSecret, ovhURL, ovhAccount,
        ovhApplicationKey,
        ovhApplicationSecret, ovhConsumerKey, twilioURL, twilioAccount, twilioToken, twilioSender, kannelURL,
        kannelUser,
        kannelPassword, httpGateway, httpGatewaySecret, gatewayRateMax, gatewayFailuresMax, gatewayRest, smsURL,
        smsToken, smsSender, stopMention, campaignsAs, smsWebhookSecret, smtpHost, smtpPort, smtpTLS, smtpUser,
        smtpPassword, smtpCertificates, mailFrom, attachmentBytesMax, payLinkWait, callsMax, gatewayTimeMax, callLease,
        inHandTime,
        lookEvery, repliesEvery, lateAfter, rehearsalDay,
        messageAgeMax,
    ]

    static let rules: [SettingRule] = [
        // OVHcloud is asked for its clock before the call: with that call and a margin of as long it is three.
        SettingRule(between: [callLease, gatewayTimeMax, smsGateways]) { values in
            let usesClock = values[smsGateways].contains("ovhcloud")
            return SettingRule.lease(callLease, atLeast: usesClock ? 3 : 2, of: gatewayTimeMax, and: .zero)
                .problems(in: values)
        },
        SettingRule(between: [smtpUser, smtpPassword]) { values in
            guard values[smtpUser] != nil, values[smtpPassword] == nil else { return [] }
            return [SettingsError.Problem(smtpPassword, "must be set, since \(smtpUser.name) is")]
        },
        SettingRule(between: [payLinkWait, messageAgeMax]) { values in
            guard values[payLinkWait] >= values[messageAgeMax] else { return [] }
            let age = DurationText.text(values[messageAgeMax])
            return [
                SettingsError.Problem(
                    payLinkWait, "must be less than \(messageAgeMax.name), \(age), at which the mail is called off")
            ]
        },
        SettingRule(between: all.filter { $0.name != callLease.name }, GatewayAccounts.problems),
        SettingRule(
            between: [rehearsalDay, smsGateways, smsURL, ovhURL, twilioURL, httpGateway, smtpHost, smtpPort],
            GatewayAccounts.rehearsalProblems),
    ]
}
