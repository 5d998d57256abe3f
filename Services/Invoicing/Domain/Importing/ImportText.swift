/// The text of a file in whichever of the usual encodings it came.
package enum ImportText {
    /// Its bytes in UTF-8 and without a byte-order mark; nil when it is no text at all.
    ///
    /// What is not UTF-8 is Latin-1 as Windows writes it, or what its mark says.
    package static func utf8(_ bytes: [UInt8]) -> [UInt8]? {
        if bytes.starts(with: [0xFF, 0xFE]) { return sixteenBits(bytes.dropFirst(2), isLittle: true) }
        if bytes.starts(with: [0xFE, 0xFF]) { return sixteenBits(bytes.dropFirst(2), isLittle: false) }
        let plain = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if String(validating: plain, as: UTF8.self) != nil { return plain }
        return windows(plain)
    }

    private static func sixteenBits(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> [UInt8]? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { place in
            let (one, two) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isLittle ? two << 8 | one : one << 8 | two
        }
        return String(validating: units, as: UTF16.self).map { Array($0.utf8) }
    }

    /// Bytes that stand for nothing there make it no text: it is a picture or an archive.
    private static func windows(_ bytes: [UInt8]) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            let scalar: UInt32
            switch byte {
            case 0x80...0x9F: scalar = windowsOnly[Int(byte - 0x80)]
            default: scalar = UInt32(byte)
            }
            guard scalar != 0, let known = Unicode.Scalar(scalar), let encoded = UTF8.encode(known) else { return nil }
            text.append(contentsOf: encoded)
        }
        return text
    }

    /// What Windows-1252 has where Latin-1 has control characters; 0: nothing.
    private static let windowsOnly: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]

    /// A text in UTF-8 in parts of about so many bytes, each ending with a line where lines end.
    package static func parts(_ text: [UInt8], bytes size: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var from = 0
        while from < text.count {
            var end = min(from + size, text.count)
            if end < text.count {
                if let line = text[from..<end].lastIndex(of: 0x0A) {
                    end = line + 1
                } else {
                    // In the middle of a line, but not of a character.
                    while end > from + 1, text[end] & 0xC0 == 0x80 { end -= 1 }
                }
            }
            parts.append(Array(text[from..<end]))
            from = end
        }
        return parts
    }
}
