/// A place on a page in points (1/72 inch), from the upper left corner.
package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// An extent in points.
package struct Size: Hashable, Sendable {
    package let width: Double
    package let height: Double

    package init(_ width: Double, _ height: Double) {
        self.width = width
        self.height = height
    }

    /// 210 x 297 mm.
    package static let a4 = Size(595.276, 841.89)
}

/// A part of a page.
package struct Rectangle: Hashable, Sendable {
    package let origin: Point
    package let size: Size

    package init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        origin = Point(x, y)
        size = Size(width, height)
    }
}

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

/// How a text looks.
package struct TextStyle: Hashable, Sendable {
    package enum Alignment: Hashable, Sendable { case left, centre, right }

    /// Height of the letters in points.
    package var size: Double
    package var isBold: Bool
    package var colour: Colour
    package var alignment: Alignment

    package init(
        _ size: Double, bold: Bool = false, colour: Colour = .black, alignment: Alignment = .left
    ) {
        self.size = size
        isBold = bold
        self.colour = colour
        self.alignment = alignment
    }

    package func aligned(_ alignment: Alignment) -> TextStyle {
        var style = self
        style.alignment = alignment
        return style
    }
}

/// Why a document could not be drawn or written.
package struct PageError: Error, Hashable, Sendable {
    /// What went wrong, and with what.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
