/// What a phone number is for.
package enum PhoneKind: String, Hashable, Sendable, CaseIterable, Codable {
    /// An SMS can reach it.
    case mobile
    case fixed
    /// Paid by the minute, free of charge, over the internet, shared.
    case other
    /// Of the right length, in no range that the library's tables know.
    case unassigned

    /// Whether an SMS may arrive there: ranges are given out faster than tables follow, so unknown ones may be mobiles.
    package var mayTakeSMS: Bool {
        switch self {
        case .mobile, .unassigned: true
        case .fixed, .other: false
        }
    }
}

/// Why a text is no phone number.
package enum PhoneRefusal: Error, Hashable, Sendable, CaseIterable {
    case notANumber
    case unknownCountry
    case tooShort
    case tooLong
    case wrongLength
    case withExtension
    /// Written without its country, and in no range of the region's plan.
    case unassigned
}
