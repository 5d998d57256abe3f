/// A value that is one text on every wire.
///
/// JSON, path and header all carry `description`; what does not parse is refused where it is decoded.
package protocol TextCoded: LosslessStringConvertible, Codable, Sendable {}

extension TextCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a \(Self.self): \(text.prefix(64))")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
