/// A colour of the sRGB space the file declares.
package struct Colour: Hashable, Sendable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads `#1F6F8B`; nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 7, hex.hasPrefix("#"), hex.dropFirst().allSatisfy(\.isHexDigit),
            let value = UInt32(hex.dropFirst(), radix: 16)
        else { return nil }
        self.init(UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
    }

    package static let black = Colour(0x1B, 0x1F, 0x24)
    package static let grey = Colour(0x5F, 0x67, 0x70)
    package static let pale = Colour(0xDD, 0xE1, 0xE5)
    package static let white = Colour(0xFF, 0xFF, 0xFF)

    /// Black or white, whichever reads better on this colour (WCAG's relative luminance).
    package var readable: Colour {
        func linear(_ channel: UInt8) -> Double {
            let value = Double(channel) / 255
            // The power of 2.2 is near enough to the exact curve to choose between two.
            return value <= 0 ? 0 : value * value * (0.8 + 0.2 * value)
        }
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        return luminance > 0.4 ? .black : .white
    }
}
