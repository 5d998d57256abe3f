import CQRencode
import PaymentModel

/// A QR code (ISO/IEC 18004) of a text, a quarter of whose surface may be lost or covered.
package struct QRSymbol: Hashable, Sendable {
    /// Modules of a side.
    package let width: Int
    private let dark: [Bool]

    /// - Throws: when the text is empty or too long for a code one can still scan.
    package init(_ text: String) throws(PageError) {
        let made = unsafe QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q)
        guard let made = unsafe made else { throw PageError("a QR code cannot hold this text") }
        defer { unsafe QRcode_free(made) }
        width = Int(unsafe made.pointee.width)
        // The lowest bit of a module says whether it is dark.
        dark = unsafe UnsafeBufferPointer(start: made.pointee.data, count: width * width).map { $0 & 1 == 1 }
    }

    package func isDark(row: Int, column: Int) -> Bool { dark[row * width + column] }

    /// The dark modules of a row as runs, so that no hairline shows between neighbours.
    func darkRuns(ofRow row: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in 0..<width where isDark(row: row, column: column) {
            if let last = runs.last, last.upperBound == column {
                runs[runs.count - 1] = last.lowerBound..<column + 1
            } else {
                runs.append(column..<column + 1)
            }
        }
        return runs
    }
}
