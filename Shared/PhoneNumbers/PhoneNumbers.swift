import CPhoneNumber
package import PaymentModel

/// Reads phone numbers as people write them (INV-1); the face of libphonenumber.
package enum PhoneNumbers {
    /// A number and what it is for.
    package struct Reading: Hashable, Sendable {
        package let phone: Phone
        package let kind: PhoneKind
    }

    /// Characters of the longest text that is looked at.
    package static let textMax = 40

    private static let french: Set = ["FR", "RE", "YT", "GP", "BL", "MF", "GF", "MQ", "PM"]

    /// Reads a text as a number of `region` (ISO 3166-1 alpha-2), which counts unless the text names its country.
    ///
    /// A number written without its country must be in a range of the region or, in France, of another part of it; one
    /// written with it only has to be possible, since ranges are given out faster than tables follow. What France gave
    /// out overseas is that number with the country of the mainland before it, too, as many write it; and
    /// Saint-Pierre-et-Miquelon's, of which 508 is the country alone, are dialled with 0508 from all of France.
    package static func read(_ text: String, in region: String) throws(PhoneRefusal) -> Reading {
        let plain = try plain(text)
        if namesCountry(plain) { return overseas(try parse(plain, in: region)) }
        // France dials its departments overseas without their country.
        if french.contains(region), let other = frenchRegion(of: plain.filter(\.isNumber), behind: "0") {
            return try parse(plain, in: other)
        }
        let own: Result<Reading, PhoneRefusal> = Result { () throws(PhoneRefusal) in try parse(plain, in: region) }
        if case .success(let reading) = own, reading.kind != .unassigned { return overseas(reading) }
        if french.contains(region), let reading = try? parse(plain, in: "FR"), reading.kind != .unassigned {
            return reading
        }
        _ = try own.get()
        throw .unassigned
    }

    /// What a number is for.
    package static func kind(of phone: Phone) -> PhoneKind {
        (try? parse(phone.e164, in: "ZZ"))?.kind ?? .unassigned
    }

    /// What it is where it names the mainland's country and is of France overseas.
    private static func overseas(_ reading: Reading) -> Reading {
        let other = frenchRegion(of: reading.phone.e164, behind: "+33")
        return other.flatMap { try? parse("0\(reading.phone.e164.dropFirst(3))", in: $0) } ?? reading
    }

    /// The region that a French number is of, where its first digits tell.
    private static func frenchRegion(of number: String, behind prefix: String) -> String? {
        number.hasPrefix(prefix) ? FrenchPlan.region(of: number.dropFirst(prefix.count)) : nil
    }

    /// Letters, which the library would take for the keys they are on, are a slip; typographic spaces are spaces.
    private static func plain(_ text: String) throws(PhoneRefusal) -> String {
        guard text.count <= textMax else { throw .tooLong }
        guard !text.contains(where: \.isLetter) else { throw .notANumber }
        return String(text.map { $0.isWhitespace ? " " : $0 })
    }

    /// Whether it begins with a plus sign or the two zeros that stand for one.
    private static func namesCountry(_ text: String) -> Bool {
        let first = text.drop { !$0.isNumber && $0 != "+" && $0 != "\u{FF0B}" }
        guard first.first?.isNumber == true else { return !first.isEmpty }
        return first.filter(\.isNumber).hasPrefix("00")
    }

    private static func parse(_ text: String, in region: String) throws(PhoneRefusal) -> Reading {
        var e164 = [CChar](repeating: 0, count: Int(PHONE_NUMBER_E164_BYTES))
        var kind: CInt = 0
        let outcome = unsafe phone_number_read(text, text.utf8.count, region, &e164, &kind)
        if let refusal = refusal(PhoneNumberOutcome(rawValue: UInt32(outcome))) { throw refusal }
        let written = String(decoding: e164.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let short = FrenchPlan.withoutDialledTwice(written) { return try parse(short, in: region) }
        guard let phone = Phone(e164: written) else { throw .wrongLength }
        return Reading(phone: phone, kind: self.kind(PhoneNumberKind(rawValue: UInt32(kind))))
    }

    private static func refusal(_ outcome: PhoneNumberOutcome) -> PhoneRefusal? {
        switch outcome {
        case PHONE_NUMBER_READ: nil
        case PHONE_NUMBER_UNKNOWN_COUNTRY: .unknownCountry
        case PHONE_NUMBER_TOO_SHORT: .tooShort
        case PHONE_NUMBER_TOO_LONG: .tooLong
        case PHONE_NUMBER_WRONG_LENGTH: .wrongLength
        case PHONE_NUMBER_WITH_EXTENSION: .withExtension
        default: .notANumber
        }
    }

    private static func kind(_ kind: PhoneNumberKind) -> PhoneKind {
        switch kind {
        case PHONE_NUMBER_MOBILE: .mobile
        case PHONE_NUMBER_FIXED: .fixed
        case PHONE_NUMBER_OTHER: .other
        default: .unassigned
        }
    }
}
