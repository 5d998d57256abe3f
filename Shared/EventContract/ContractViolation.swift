/// Why something is not an event of the contract: which field, and what is wrong with it.
///
/// It never quotes data, only headers and names of fields, so it can be logged and stored.
package struct ContractViolation: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case missing, repeated, malformed, unsupported
        case tooLarge = "too-large"
        case notJSON = "not-json"
    }

    /// A header's name, or a JSON pointer into the data (empty for the whole).
    package let field: String
    package let kind: Kind
    package let reason: String

    package init(_ field: String, _ kind: Kind, _ reason: String) {
        self.field = field
        self.kind = kind
        self.reason = reason
    }

    package var description: String { "\(field.isEmpty ? "data" : field): \(kind.rawValue): \(reason)" }
}
