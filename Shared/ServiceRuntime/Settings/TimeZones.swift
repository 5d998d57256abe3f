import Foundation

/// The zones the machine knows.
package enum TimeZones {
    /// A setting or a field names a zone that does not exist.
    package struct Unknown: Error, Hashable {
        /// The name it gave.
        package let name: String
    }

    /// Whether there is a zone of that name, such as `Europe/Paris`.
    package static func contains(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

    /// The name, when there is such a zone.
    package static func checked(_ name: String) throws(Unknown) -> String {
        guard contains(name) else { throw Unknown(name: name) }
        return name
    }
}
