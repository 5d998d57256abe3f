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
