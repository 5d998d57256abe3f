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
