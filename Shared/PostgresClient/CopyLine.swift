import CPostgres

/// One line of a bulk load, written value by value in the server's text format.
///
/// Text, since binary `COPY` demands the exact type of every column and measured no faster.
package struct CopyLine {
    let buffer: ByteBuffer
    private var isFirst = true
    var hasZeroByte = false

    init(buffer: ByteBuffer) { self.buffer = buffer }

    /// Adds the value of the next column.
    package mutating func append(_ value: some PostgresEncodable) {
        if !isFirst { buffer.append(Self.tab) }
        isFirst = false
        write(value.postgresValue)
    }

    mutating func end() {
        buffer.append(Self.newline)
        isFirst = true
    }

    private static let tab = UInt8(ascii: "\t")
    private static let newline = UInt8(ascii: "\n")

    private mutating func write(_ value: PostgresValue) {
        switch value {
        case .null: buffer.append("\\N")
        case .text(let text): escape(text.utf8)
        case .json(let bytes): escape(bytes)
        case .array(_, let values): escape(Self.arrayLiteral(values).utf8)
        default: buffer.append(value.plainText(backslash: "\\\\"))
        }
    }

    private mutating func escape(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            switch byte {
            case Self.tab: buffer.append("\\t")
            case Self.newline: buffer.append("\\n")
            case UInt8(ascii: "\r"): buffer.append("\\r")
            case UInt8(ascii: "\\"): buffer.append("\\\\")
            default:
                // A zero byte cannot be stored; the load is refused as a whole.
                if byte == 0 { hasZeroByte = true }
                buffer.append(byte)
            }
        }
    }

    private static func arrayLiteral(_ values: [PostgresValue]) -> String {
        let elements = values.map { value -> String in
            guard !value.isNull else { return "NULL" }
            var quoted = "\""
            for character in value.plainText(backslash: "\\").unicodeScalars {
                if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
                quoted.unicodeScalars.append(character)
            }
            return quoted + "\""
        }
        return "{\(elements.joined(separator: ","))}"
    }
}

extension PostgresValue {
    /// The value as the server's text, for bulk loads.
    fileprivate func plainText(backslash: String) -> String {
        switch self {
        case .null, .array: ""
        case .bool(let flag): flag ? "t" : "f"
        case .int16(let number): String(number)
        case .int32(let number): String(number)
        case .int64(let number): String(number)
        case .double(let number): number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)"
        case .text(let text): text
        case .json(let bytes): String(decoding: bytes, as: UTF8.self)
        case .bytes(let bytes): "\(backslash)x\(Hex.text(bytes))"
        case .uuid(let bits): unsafe Hex.text(withUnsafeBytes(of: bits.bigEndian) { unsafe Array($0) })
        case .timestamp(let microseconds): CivilTime.text(microsecondsSince1970: microseconds)
        case .date(let days): CivilTime.text(daysSince1970: Int64(days))
        }
    }
}

private enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                unsafe text[2 * index] = digits[Int(byte >> 4)]
                unsafe text[2 * index + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }
}

/// Days and moments as ISO text, by the proleptic Gregorian calendar.
enum CivilTime {
    static func text(daysSince1970 days: Int64) -> String {
        let (year, month, day) = civil(days)
        // The server has no year 0: its year 1 BC is our year 0.
        let shown = year > 0 ? year : 1 - year
        return "\(padded(shown, 4))-\(padded(month, 2))-\(padded(day, 2))" + (year > 0 ? "" : " BC")
    }

    static func text(microsecondsSince1970 microseconds: Int64) -> String {
        let perDay: Int64 = 86_400_000_000
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: perDay)
        let days = remainder < 0 ? quotient - 1 : quotient
        let inDay = remainder < 0 ? remainder + perDay : remainder
        let seconds = inDay / 1_000_000
        let clock = "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        let date = text(daysSince1970: days)
        let era = date.hasSuffix(" BC") ? " BC" : ""
        return "\(date.prefix(date.count - era.count)) \(clock).\(padded(inDay % 1_000_000, 6))+00\(era)"
    }

    /// Year, month and day of a day counted from 1970, in eras of 400 years that begin in March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
