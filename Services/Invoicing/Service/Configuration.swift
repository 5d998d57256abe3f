import FoundationEssentials
import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let importBytesMax = Setting.integer(
        "QUITTANCE_IMPORT_BYTES_MAX", "Largest export of practice-management software that is taken in.",
        in: 1_000...200_000_000, unit: "bytes", default: 20_000_000)
    static let payAddress = Setting<String?>.optionalURL(
        "QUITTANCE_PUBLIC_URL", "Where clients' links of payment-orchestrator lead; documents carry it.")
    static let colourProfile = Setting.string(
        "QUITTANCE_COLOUR_PROFILE", "ICC profile of sRGB, which archival documents hold.",
        default: "/usr/share/color/icc/sRGB.icc"
    ).refusing { path in
        FileManager.default.isReadableFile(atPath: path)
            ? nil : "must be a file that can be read: install icc-profiles-free, or give another profile"
    }
}
