import CPostgres

/// Finds the addresses of a name, and lets nobody wait for a name server longer than he wants to.
///
/// The system's look-up cannot be ended. It runs on a thread of its own, one for a name however many wait for it, and
/// however often they come back.
final class NameLookup: Sendable {
    static let shared = NameLookup()

    /// Somebody who waits; nil until there is an answer.
    private final class Asker: Sendable {
        let parking = Parking()
        let answer = Guarded<[String]?>(nil)
    }

    /// How soon a cancelled caller goes.
    private static let glance = Duration.milliseconds(50)

    private let askers = Guarded<[String: [Asker]]>([:])

    /// The addresses as text; none when there are none, nil when nobody answered in time.
    func addresses(
        of name: String, until deadline: ContinuousClock.Instant, interrupt: Interrupt,
        _ lookUp: @escaping @Sendable (String) -> [String]
    ) -> [String]? {
        let asker = Asker()
        let isFirst = askers.withLock { askers in
            askers[name, default: []].append(asker)
            return askers[name]?.count == 1
        }
        if isFirst { startThread(named: "pg-look-up") { [self] in answer(name, lookUp(name)) } }
        while true {
            if let answer = asker.answer.withLock({ $0 }) { return answer }
            let left = deadline - .now
            guard left > .zero, !interrupt.isFired else { return nil }
            asker.parking.sleep(for: min(left, Self.glance))
        }
    }

    private func answer(_ name: String, _ addresses: [String]) {
        let waiting = askers.withLock { $0.removeValue(forKey: name) } ?? []
        for asker in waiting {
            asker.answer.withLock { $0 = addresses }
            asker.parking.wake()
        }
    }

    /// Asks the system.
    static func system(_ name: String) -> [String] {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { text in
            guard let start = text.baseAddress, unsafe qpg_look_up(name, start, text.count) == 0 else {
                return []
            }
            return unsafe String(cString: start).split(separator: ",").map(String.init)
        }
    }
}

extension PostgresSettings {
    /// A host as libpq is told of it; without an address it is one itself, or the folder of a socket.
    struct Place: Equatable {
        let host: String
        let address: String
    }

    /// Looks the host up, or each of several that are separated by commas; one nobody answers for is left out.
    ///
    /// Each of several has its share of the time, and what comes after the look-ups has one, too.
    func places(
        until deadline: ContinuousClock.Instant, interrupt: Interrupt
    ) throws(PostgresError) -> [Place] {
        var places: [Place] = []
        var silent: String?
        let hosts = host.split(separator: ",").map(String.init)
        for (index, host) in hosts.enumerated() {
            guard Self.isName(host) else {
                places.append(Place(host: host, address: ""))
                continue
            }
            let now = ContinuousClock.now
            let end = hosts.count == 1 ? deadline : now + (deadline - now) / (hosts.count - index + 1)
            let found = NameLookup.shared.addresses(of: host, until: end, interrupt: interrupt, lookUp)
            guard let found else {
                guard !interrupt.isFired else { throw PostgresError(.cancelled, "cancelled while connecting") }
                silent = host
                continue
            }
            places += found.map { Place(host: host, address: $0) }
        }
        guard places.isEmpty else { return places }
        guard let silent else { throw PostgresError(.connection, "the name \(host) has no address") }
        throw PostgresError(.connection, "no answer about the name \(silent) within the connect time-out")
    }

    private static func isName(_ host: String) -> Bool {
        guard !host.hasPrefix("/"), !host.hasPrefix("@"), !host.contains(":") else { return false }
        return host.contains { !$0.isNumber && $0 != "." }
    }
}
