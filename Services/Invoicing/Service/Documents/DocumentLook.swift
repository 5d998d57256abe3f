import PageWriter

/// How a chain wants its documents to look.
struct DocumentLook: Sendable {
    /// Of bars and headings.
    let colour: Colour
    /// A PNG; nil sets the name instead.
    let logo: [UInt8]?

    static let plain = DocumentLook(colour: Colour(0x1F, 0x5F, 0x7A), logo: nil)
}
