package import PaymentModel
import PhoneNumbers

/// Reads phone numbers as people and spreadsheets write them, by the plans clinics dial by (NOT-5).
package struct WrittenNumbers: Sendable {
    /// The regions whose plans count where a text names no country; the first that fits decides.
    package let regions: [String]

    /// Of clinics in these time zones; France where there are none.
    package init(timeZones: [String] = []) {
        let own = timeZones.map(PhoneRegion.of).reduce(into: [String]()) { found, region in
            if !found.contains(region) { found.append(region) }
        }
        regions = own.isEmpty ? ["FR"] : own
    }

    /// Nil for what is no number.
    package func read(_ text: String) -> Phone? {
        // An apostrophe that stands before a number in a spreadsheet is none of its signs.
        let bare = text.first == "'" ? String(text.dropFirst()) : text
        return first(bare) ?? eaten(bare).flatMap(first)
    }

    /// All it may be, where nobody knows in which of the regions it was written.
    package func readings(_ text: String) -> Set<Phone> {
        let texts = [text, eaten(text)].compactMap(\.self)
        return Set(texts.flatMap { text in regions.compactMap { try? PhoneNumbers.read(text, in: $0).phone } })
    }

    /// The number if an SMS may arrive there.
    package static func mobile(_ phone: Phone) -> Phone? { PhoneNumbers.kind(of: phone).mayTakeSMS ? phone : nil }

    private func first(_ text: String) -> Phone? {
        regions.lazy.compactMap { region in try? PhoneNumbers.read(text, in: region).phone }.first
    }

    /// What a spreadsheet that took it for an amount has eaten the first zero of.
    private func eaten(_ text: String) -> String? {
        let isBare = text.allSatisfy { $0.isASCII && $0.isNumber }
        return isBare && text.count == 9 && text.first != "0" ? "0" + text : nil
    }
}
