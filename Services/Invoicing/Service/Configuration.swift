import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let importBytesMax = Setting.integer(
        "QUITTANCE_IMPORT_BYTES_MAX", "Largest export of practice-management software that is taken in.",
        in: 1_000...200_000_000, unit: "bytes", default: 20_000_000)
}
