import Foundation

/// The zones the machine knows.
enum TimeZones {
    static func contains(_ name: String) -> Bool { TimeZone(identifier: name) != nil }
}
