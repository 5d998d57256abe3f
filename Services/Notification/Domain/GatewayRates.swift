/// How many messages per second each gateway's account may be given (NOT-10).
package struct GatewayRates: Hashable, Sendable {
    /// No account has a limit.
    package static let unlimited = GatewayRates()

    /// A gateway takes no more than a thousand or so; what is above this is a slip.
    private static let most = 10_000

    /// Of those that are not named; nil: no limit.
    private var others: Int?
    /// By the gateway's name; 0: no limit.
    private var named: [String: Int] = [:]

    private init() {}

    /// Reads `50`, or `smsfactor=50,kannel=30`, or both as `50,smtp=0`; nil for anything else.
    package init?(_ text: String) {
        var hasOthers = false
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = entry.split(separator: "=", omittingEmptySubsequences: false).map { String($0).trimmingSpace }
            guard let rate = halves.last.flatMap(Self.rate) else { return nil }
            switch halves.count {
            case 1:
                guard !hasOthers else { return nil }
                hasOthers = true
                others = rate == 0 ? nil : rate
            case 2:
                guard !halves[0].isEmpty, named.updateValue(rate, forKey: halves[0]) == nil else { return nil }
            default: return nil
            }
        }
    }

    /// The gateways it names.
    package var names: Set<String> { Set(named.keys) }

    /// Whether any account has a limit.
    package var isAnyLimited: Bool { others != nil || named.values.contains { $0 > 0 } }

    /// Nil: as many as there are.
    package func perSecond(of gateway: String) -> Int? {
        guard let rate = named[gateway] else { return others }
        return rate == 0 ? nil : rate
    }

    private static func rate(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let rate = Int(text), rate <= most
        else { return nil }
        return rate
    }
}
