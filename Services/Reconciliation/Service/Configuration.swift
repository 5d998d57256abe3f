import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let bankWindow = Setting.integer(
        "QUITTANCE_BANK_WINDOW", "Days a payout may be under way between the provider and the bank.", in: 0...60,
        unit: "days", default: 7)
}
