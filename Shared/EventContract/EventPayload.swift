/// The data of one event version.
///
/// It holds ids, amounts, dates and codes; it MUST NOT hold personal data, for topics are kept for ever.
package protocol EventPayload: Codable, Sendable, Equatable {
    static var type: EventType { get }
}
