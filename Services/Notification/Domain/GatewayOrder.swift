/// The gateways an organisation sends through, the one that is tried first in front.
package enum GatewayOrder {
    /// Where a message goes that `gateway` had no part of: to the next, and after the last to the first.
    package static func next(after gateway: String, in order: [String], leavingOut resting: Set<String> = []) -> String
    {
        let start = order.firstIndex(of: gateway).map { $0 + 1 } ?? 0
        let candidates = order[start...] + order[..<start]
        return candidates.first { $0 != gateway && !resting.contains($0) } ?? gateway
    }
}
