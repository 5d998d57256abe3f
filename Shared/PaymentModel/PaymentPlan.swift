/// How a client pays: in how many instalments, the first after how many days.
package struct PaymentPlan: Hashable, Sendable, Codable {
    /// The most instalments and days of delay any provider offers, with room.
    package static let instalmentsMax = 60
    package static let deferredDaysMax = 366

    package let instalments: Int
    package let deferredDays: Int

    /// Nil when no provider could offer it.
    package init?(instalments: Int, deferredDays: Int = 0) {
        guard (1...PaymentPlan.instalmentsMax).contains(instalments),
            (0...PaymentPlan.deferredDaysMax).contains(deferredDays)
        else { return nil }
        self.init(checked: instalments, deferredDays)
    }

    private init(checked instalments: Int, _ deferredDays: Int) {
        (self.instalments, self.deferredDays) = (instalments, deferredDays)
    }

    /// Everything at once.
    package static let now = PaymentPlan(checked: 1, 0)

    /// For plans written in the source; what comes from outside goes through the failable initialiser.
    package static func inInstalments(_ count: Int) -> PaymentPlan {
        precondition((1...instalmentsMax).contains(count), "a plan in the source is in range")
        return PaymentPlan(checked: count, 0)
    }

    /// For plans written in the source; what comes from outside goes through the failable initialiser.
    package static func deferred(days: Int) -> PaymentPlan {
        precondition((1...deferredDaysMax).contains(days), "a plan in the source is in range")
        return PaymentPlan(checked: 1, days)
    }

    /// Short text for screens and files: `3x`, `1x+30d`.
    package var code: String { deferredDays == 0 ? "\(instalments)x" : "\(instalments)x+\(deferredDays)d" }

    package init?(code: String) {
        let parts = code.split(separator: "+", omittingEmptySubsequences: false)
        guard let first = parts.first, first.hasSuffix("x"), let instalments = Int(first.dropLast()) else { return nil }
        var deferredDays = 0
        if parts.count == 2 {
            guard parts[1].hasSuffix("d"), let days = Int(parts[1].dropLast()) else { return nil }
            deferredDays = days
        }
        self.init(instalments: instalments, deferredDays: deferredDays)
        // Leading zeros, signs and further parts would give one plan two codes.
        guard self.code == code else { return nil }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let instalments = try container.decode(Int.self, forKey: .instalments)
        let deferredDays = try container.decode(Int.self, forKey: .deferredDays)
        guard let plan = PaymentPlan(instalments: instalments, deferredDays: deferredDays) else {
            throw DecodingError.dataCorruptedError(
                forKey: .instalments, in: container, debugDescription: "no such plan: \(instalments)x+\(deferredDays)d")
        }
        self = plan
    }
}
