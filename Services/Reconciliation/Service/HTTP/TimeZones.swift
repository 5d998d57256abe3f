import Foundation

/// The zones the machine knows.
enum TimeZones {
    /// A setting or a field names a zone that does not exist.
    struct Unknown: Error, Hashable {
        let name: String
    }

    static func contains(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

    static func checked(_ name: String) throws(Unknown) -> String {
        guard contains(name) else { throw Unknown(name: name) }
        return name
    }
}
