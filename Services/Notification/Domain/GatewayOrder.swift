/// The gateways an organisation sends through, the one that is tried first in front.
package enum GatewayOrder {
    /// The order an organisation wants, as far as there are accounts for it; where it has none of them, everybody's.
    ///
    /// A gateway that was taken out of the settings since hands out nothing: what went to it would wait there.
    package static func own(_ wanted: [String]?, of all: [String]) -> [String] {
        let own = (wanted ?? all).filter { all.contains($0) }
        return own.isEmpty ? all : own
    }

    /// Twilio is there for numbers outside France: those go to it first where the order has it (NOT-1).
    package static func order(_ order: [String], for number: String) -> [String] {
        guard order.contains(abroad), !france.contains(where: { number.hasPrefix($0) }) else { return order }
        return [abroad] + order.filter { $0 != abroad }
    }

    private static let abroad = "twilio"

    /// The country codes of the mainland and overseas.
    private static let france = ["+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689"]

    /// In which order gateways are looked at the so many-th time: as tried, but each time in four another one first.
    ///
    /// Whoever takes as much as there is room for would come past the first gateway only when nothing waits there.
    package static func look(_ turn: Int, among gateways: [String]) -> [String] {
        guard turn % 4 == 3, gateways.count > 1 else { return gateways }
        let first = 1 + turn / 4 % (gateways.count - 1)
        return Array(gateways[first...] + gateways[..<first])
    }

    /// Where a message goes that `gateway` had no part of: to the next, and after the last to the first.
    package static func next(after gateway: String, in order: [String], leavingOut resting: Set<String> = []) -> String
    {
        let start = order.firstIndex(of: gateway).map { $0 + 1 } ?? 0
        let candidates = order[start...] + order[..<start]
        return candidates.first { $0 != gateway && !resting.contains($0) } ?? gateway
    }
}
