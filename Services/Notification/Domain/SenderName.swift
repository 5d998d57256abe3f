/// The name a phone shows as the sender: 3 to 11 letters, digits and spaces, at least one of them a letter (NOT-6).
package struct SenderName: Hashable, Sendable {
    package let text: String

    /// Nil for a name that networks refuse or replace by a number.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
        guard (3...11).contains(bytes.count), bytes.contains(where: isLetter), bytes.first != 32, bytes.last != 32,
            bytes.allSatisfy({ isLetter($0) || (48...57).contains($0) || $0 == 32 })
        else { return nil }
        self.text = text
    }
}
