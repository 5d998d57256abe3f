/// A language we write to clients in.
package enum Language: String, Codable, CodingKeyRepresentable, CaseIterable, Sendable {
    case french = "fr"
    case english = "en"
}
