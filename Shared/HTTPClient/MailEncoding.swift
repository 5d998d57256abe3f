/// The two encodings that turn any bytes into short lines of ASCII.
enum MailEncoding {
    private static let lineBytesMax = 76
    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let hexDigits = Array("0123456789ABCDEF".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    // MARK: Lines

    /// Every line end of any kind as CR LF.
    static func withLineEndPairs(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): break
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): bytes += lineEnd
            default: bytes.append(byte)
            }
            previous = byte
        }
        return bytes
    }

    /// Whether the bytes can stand in a mail as they are: ASCII, short lines, nothing that could be a boundary.
    static func isPlain(_ bytes: [UInt8]) -> Bool {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        return lines.allSatisfy {
            $0.count < lineBytesMax && !$0.starts(with: "--".utf8) && !$0.starts(with: "From ".utf8)
        }
            && bytes.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0D || $0 == 0x0A || $0 == 0x09 }
    }

    // MARK: Quoted-printable

    /// `bytes` has CR LF line ends, which stay.
    static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var column = 0
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                output.append(byte)
                column = 0
                continue
            }
            let piece = quoted(byte, endsLine: index + 1 == bytes.count || bytes[index + 1] == UInt8(ascii: "\r"))
            // One place is kept for the sign that the line goes on.
            if column + piece.count > lineBytesMax - 1 {
                output += [UInt8(ascii: "=")] + lineEnd
                column = 0
            }
            output += piece
            column += piece.count
        }
        return output
    }

    private static func quoted(_ byte: UInt8, endsLine: Bool) -> [UInt8] {
        let isSpace = byte == 0x20 || byte == 0x09
        let isPrintable = (0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "=") || isSpace && !endsLine
        return isPrintable ? [byte] : [UInt8(ascii: "="), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
    }

    // MARK: Base64

    static func base64(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let left = min(3, bytes.count - start)
            var number = 0
            for offset in 0..<3 { number = number << 8 | (offset < left ? Int(bytes[start + offset]) : 0) }
            for digit in 0..<4 {
                let isPadding = digit > left
                output.append(isPadding ? UInt8(ascii: "=") : base64Digits[number >> (18 - 6 * digit) & 63])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Lines of 76, each ended.
    static func base64Lines(_ bytes: [UInt8]) -> String {
        let lines = stride(from: 0, to: bytes.count, by: 57).map { start in
            base64(Array(bytes[start..<min(start + 57, bytes.count)])) + "\r\n"
        }
        return lines.joined()
    }
}
