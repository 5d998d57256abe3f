import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let bankWindow = Setting.integer(
        "QUITTANCE_BANK_WINDOW", "Days a payout may be under way between the provider and the bank.", in: 0...60,
        unit: "days", default: 7)

    static let timeZone = Setting.string(
        "QUITTANCE_TIME_ZONE", "Time zone in which payments fall on a day at clinics that have no other.",
        default: "Europe/Paris")
}
