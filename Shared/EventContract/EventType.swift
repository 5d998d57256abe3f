/// The type of an event with its version: what a consumer chooses by.
package struct EventType: Hashable, Sendable, CustomStringConvertible {
    package let owner: EventOwner
    /// What happened, in past tense, hyphenated.
    package let name: String
    /// A version only ever gains optional fields; anything else is the next version (C-29).
    package let version: Int
    /// The CloudEvents type: `org.quittance.invoicing.invoice-issued.v1`.
    package let text: String

    package init(_ owner: EventOwner, _ name: String, version: Int) {
        self.owner = owner
        self.name = name
        self.version = version
        text = "org.quittance.\(owner.rawValue).\(name).v\(version)"
    }

    /// Reads any type of our owners, also one that this build does not know.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "org", parts[1] == "quittance",
            let owner = EventOwner(rawValue: String(parts[2])),
            EventType.isName(parts[3]), parts[4].first == "v", let version = Int(parts[4].dropFirst()), version > 0
        else { return nil }
        self.init(owner, String(parts[3]), version: version)
        // A sign or a leading zero in the version would give one type two texts.
        guard self.text == text else { return nil }
    }

    package var topic: Topic { owner.topic }

    /// Where the JSON Schema of its data is published.
    package var schemaURI: String { "\(EventType.schemaBase)\(text).json" }

    package var description: String { text }

    private static let schemaBase = "https://quittance.example/schemas/"

    private static func isName(_ part: Substring) -> Bool {
        (1...64).contains(part.utf8.count)
            && part.utf8.allSatisfy { character in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) || character == UInt8(ascii: "-")
            }
    }
}
