import Observability
import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let paymentsURL = Setting.url(
        "QUITTANCE_PAYMENTS_URL", "Where payment-orchestrator is asked for recipients.",
        default: "http://127.0.0.1:8102")
    static let signingKey = Setting<Secret>.secret(
        "QUITTANCE_SIGNING_KEY", "This service's own private key, with which it names itself to payment-orchestrator.")

    static let smsURL = Setting.url(
        "QUITTANCE_SMSFACTOR_URL", "SMSFactor's address.", default: "https://api.smsfactor.com")
    static let smsToken = Setting<Secret>.secret("QUITTANCE_SMSFACTOR_TOKEN", "Token of the SMSFactor account.")
    static let smsSender = Setting.string(
        "QUITTANCE_SMS_SENDER", "Name a phone shows as the sender, at most 11 characters.", default: "Quittance")
    static let smsWebhookSecret = Setting<Secret>.secret(
        "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET", "Secret that SMSFactor signs delivery receipts with.")

    static let smtpHost = Setting.string("QUITTANCE_SMTP_HOST", "Mail server.", default: "127.0.0.1")
    static let smtpPort = Setting.integer(
        "QUITTANCE_SMTP_PORT", "Port of the mail server.", in: 1...65_535, unit: "port", default: 587)
    static let smtpUser = Setting<String?>.optionalString("QUITTANCE_SMTP_USER", "User at the mail server.")
    static let smtpPassword = Setting<Secret?>.optionalSecret(
        "QUITTANCE_SMTP_PASSWORD", "Password at the mail server.")
    static let smtpCertificates = Setting<String?>.optionalString(
        "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY", "Path of the certificate that signs the mail server's.")
    static let mailFrom = Setting.string(
        "QUITTANCE_MAIL_FROM", "Address mails are sent from.", default: "no-reply@quittance.example")

    static let callsMax = Setting.integer(
        "QUITTANCE_GATEWAY_CALLS_MAX", "Calls to gateways one worker makes at once.", in: 1...256, unit: "calls",
        default: 16)

    static let gatewayTimeMax = Setting.duration(
        "QUITTANCE_GATEWAY_TIME_MAX", "Time one call to a gateway may take; then its outcome is unknown.",
        in: .milliseconds(100)...(.seconds(30)), default: "15s")
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
    static let messageAgeMax = Setting.duration(
        "QUITTANCE_MESSAGE_AGE_MAX", "Age at which a message that has not left is called off.",
        in: .seconds(1)...(.seconds(31_536_000)), default: "3d")

    static let all: [any DescribedSetting] = [
        paymentsURL, signingKey, smsURL, smsToken, smsSender, smsWebhookSecret, smtpHost, smtpPort, smtpUser,
        smtpPassword, smtpCertificates, mailFrom, callsMax, gatewayTimeMax, callLease, inHandTime, lookEvery,
        messageAgeMax,
    ]
}
