/// A language we write to clients in.
package enum Language: String, Codable, CaseIterable, Sendable {
    case french = "fr"
    case english = "en"
}
