/// The identity of one thing, of a type of its own so that two kinds cannot be mixed up.
///
/// The value is a UUID (version 7 when made here); its text is the canonical lower-case form.
package protocol Identifier: Hashable, Comparable, TextCoded {
    var words: IdentifierWords { get }
    init(words: IdentifierWords)
}

/// The 128 bits of an identifier as two machine words, the first 64 bits in `high`.
///
/// Not one `UInt128`: debug builds of Swift 6.3 crash in an `async` function when an argument of 128 bits does not fit
/// into the registers (`deploy/decisions/0001-ids-of-two-words.md`).
package struct IdentifierWords: Hashable, Sendable {
    fileprivate let high: UInt64
    fileprivate let low: UInt64
}

extension Identifier {
    package init(_ value: UInt128) {
        self.init(words: IdentifierWords(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value)))
    }

    package var value: UInt128 { UInt128(words.high) << 64 | UInt128(words.low) }

    package init?(_ text: String) {
        guard let value = UInt128(uuidText: text) else { return nil }
        self.init(value)
    }

    package var description: String { value.uuidText }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
