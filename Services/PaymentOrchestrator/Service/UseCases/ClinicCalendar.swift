// The whole of Foundation: its essentials know no time zone but UTC.
import Foundation
import PaymentModel

/// The days of a time zone; a clinic's own where it has one.
struct ClinicCalendar: Sendable {
    /// There is no such time zone on this machine.
    struct UnknownTimeZone: Error, Hashable {
        /// What was asked for.
        let name: String
    }

    private let zone: TimeZone

    /// The calendar of a zone such as `Europe/Paris`.
    init(_ name: String) throws(UnknownTimeZone) {
        guard let zone = TimeZone(identifier: name) else { throw UnknownTimeZone(name: name) }
        self.zone = zone
    }

    /// The calendar of a clinic's zone, or this one where it has none of its own.
    func at(_ name: String?) -> ClinicCalendar {
        guard let zone = name.flatMap(TimeZone.init(identifier:)) else { return self }
        return ClinicCalendar(zone: zone)
    }

    /// The zone's name.
    var name: String { zone.identifier }

    private init(zone: TimeZone) { self.zone = zone }

    /// The day it is there at an instant.
    func date(of instant: Instant) -> LocalDate { local(instant).utcDate }

    /// What clocks show there at an instant: `09:05`.
    func time(of instant: Instant) -> String {
        String("\(local(instant))".dropFirst(11).prefix(5))
    }

    /// The instant at which clocks in UTC show what clocks there show now.
    private func local(_ instant: Instant) -> Instant {
        let date = Date(timeIntervalSince1970: Double(instant.secondsSince1970))
        return instant.adding(.seconds(zone.secondsFromGMT(for: date)))
    }
}
