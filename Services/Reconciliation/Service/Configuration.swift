import HTTPServer
import Observability
import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let bankWindow = Setting.integer(
        "QUITTANCE_BANK_WINDOW", "Days a payout may be under way between the provider and the bank.", in: 0...60,
        unit: "days", default: 7)

    static let timeZone = Setting.string(
        "QUITTANCE_TIME_ZONE", "Time zone in which payments fall on a day at clinics that have no other.",
        default: "Europe/Paris"
    ).refusing { TimeZones.contains($0) ? nil : "is no time zone of this machine: give one such as Europe/Paris" }

    static let exportsMax = Setting.integer(
        "QUITTANCE_EXPORTS_MAX", "Files that are written at once; each holds a connection to the database.", in: 1...64,
        unit: "files", default: 4)

    static let importsMax = Setting.integer(
        "QUITTANCE_IMPORTS_MAX", "Files that are read at once; each holds a connection to the database.", in: 1...64,
        unit: "files", default: 8)

    static let lateEvery = Setting.duration(
        "QUITTANCE_LATE_PAYOUTS_EVERY", "Pause between two looks for payouts that have not come.",
        in: .seconds(1)...(.seconds(86_400)), default: "15m")

    static let paymentsURL = Setting<String?>.optionalURL(
        "QUITTANCE_PAYMENTS_URL",
        "Where payment-orchestrator is asked what providers paid out; without it reports come as files.")

    static let signingKey = Setting<Secret?>.optionalSecret(
        "QUITTANCE_SIGNING_KEY",
        "This service's own private key, with which it names itself to payment-orchestrator."
    ).refusing { $0.flatMap(SigningKey.fault) }

    static let payoutsEvery = Setting.duration(
        "QUITTANCE_PAYOUT_REPORTS_EVERY", "Pause between two questions for what providers paid out.",
        in: .seconds(1)...(.seconds(86_400)), default: "15m")

    /// Without a key nobody would be asked, and nobody would know why.
    static let rules = [
        SettingRule(between: [paymentsURL, signingKey]) { values in
            guard values[paymentsURL] != nil, values[signingKey] == nil else { return [] }
            return [SettingsError.Problem(signingKey, "must be set, since \(paymentsURL.name) is")]
        }
    ]

    static let statisticsAgeMax = Setting.duration(
        "QUITTANCE_STATISTICS_AGE_MAX", "Age at which payments are summed up anew.",
        in: .seconds(60)...(.seconds(604_800)), default: "1d")
}
