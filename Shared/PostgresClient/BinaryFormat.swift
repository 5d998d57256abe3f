/// The server counts times from 2000; we count from 1970.
enum Epoch {
    static let microseconds: Int64 = 946_684_800_000_000
    static let days: Int32 = 10_957
}

extension ByteBuffer {
    /// Adds a value in the server's binary format, without its length.
    func appendBinary(_ value: PostgresValue) {
        switch value {
        case .null: break
        case .bool(let flag): append(flag ? 1 : 0 as UInt8)
        case .int16(let number): append(bigEndian: number)
        case .int32(let number): append(bigEndian: number)
        case .int64(let number): append(bigEndian: number)
        case .double(let number): append(bigEndian: number.bitPattern)
        case .text(let text): append(text)
        case .bytes(let bytes): append(bytes)
        case .uuid(let bits): append(bigEndian: bits)
        case .timestamp(let microseconds): append(bigEndian: microseconds &- Epoch.microseconds)
        case .date(let days): append(bigEndian: days &- Epoch.days)
        case .json(let json):
            append(1 as UInt8)
            append(json)
        case .array(let element, let values): appendArray(of: element.asElement, values)
        }
    }

    private func appendArray(of element: PostgresType, _ values: [PostgresValue]) {
        append(bigEndian: values.isEmpty ? 0 : 1 as Int32)
        append(bigEndian: values.contains(where: \.isNull) ? 1 : 0 as Int32)
        append(bigEndian: element.oid)
        guard !values.isEmpty else { return }
        append(bigEndian: Int32(values.count))
        append(bigEndian: 1 as Int32)
        for value in values { appendElement(value) }
    }

    private func appendElement(_ value: PostgresValue) {
        guard !value.isNull else { return append(bigEndian: -1 as Int32) }
        let place = count
        append(bigEndian: 0 as Int32)
        appendBinary(value)
        overwrite(at: place, bigEndian: Int32(count - place - 4))
    }
}
