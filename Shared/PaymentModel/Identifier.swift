/// The identity of one thing, of a type of its own so that two kinds cannot be mixed up.
///
/// The value is a UUID (version 7 when made here); its text is the canonical lower-case form.
package protocol Identifier: Hashable, Comparable, TextCoded {
    var value: UInt128 { get }
    init(_ value: UInt128)
}

extension Identifier {
    package init?(_ text: String) {
        guard let value = UInt128(uuidText: text) else { return nil }
        self.init(value)
    }

    package var description: String { value.uuidText }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
