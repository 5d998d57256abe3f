/// A rate in hundredths of a percent: 360 is 3.60 %.
package struct BasisPoints: Hashable, Comparable, Sendable, Codable {
    package let value: Int

    package init(_ value: Int) { self.value = value }

    package static func < (left: BasisPoints, right: BasisPoints) -> Bool { left.value < right.value }

    package init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
