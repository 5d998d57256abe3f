import CPostgres

/// The bound values of one statement, laid out as libpq wants them; its memory is used again for the next statement.
///
/// Safe: the pointers it holds are its own allocations, freed once in `deinit`, and never leave the call they serve.
@safe
final class ParameterFrame {
    private var bytes: ByteBuffer
    private var offsets: [Int] = []
    private var capacity = 0
    private(set) var count: Int32 = 0
    private(set) var pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private(set) var lengths: UnsafeMutablePointer<Int32>
    private(set) var formats: UnsafeMutablePointer<Int32>
    private(set) var types: UnsafeMutablePointer<Oid>

    init() {
        capacity = 32
        bytes = ByteBuffer()
        unsafe pointers = .allocate(capacity: capacity)
        unsafe lengths = .allocate(capacity: capacity)
        unsafe formats = .allocate(capacity: capacity)
        unsafe types = .allocate(capacity: capacity)
    }

    deinit { release() }

    /// Lays out the values; the pointers are good until the next call.
    func fill(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= 65_535 else {
            throw PostgresError(.usage, "a statement takes at most 65535 values; send arrays instead")
        }
        reserve(values.count)
        bytes.removeAll()
        offsets.removeAll(keepingCapacity: true)
        for (index, value) in values.enumerated() {
            offsets.append(bytes.count)
            let format = try append(value)
            unsafe lengths[index] = Int32(bytes.count - offsets[index])
            unsafe formats[index] = format
            unsafe types[index] = value.type.oid
            // libpq reads text up to a zero byte.
            if format == 0 { bytes.append(UInt8(0)) }
        }
        // Growing moves the bytes, so pointers are taken last.
        for (index, value) in values.enumerated() {
            unsafe pointers[index] = value.isNull ? nil : bytes.pointer(at: offsets[index])
        }
        count = Int32(values.count)
    }

    /// Adds one value and says in which format: 0 is text, 1 is binary.
    private func append(_ value: PostgresValue) throws(PostgresError) -> Int32 {
        switch value {
        case .text(let text):
            let start = bytes.count
            bytes.append(text)
            try refuseZeroBytes(from: start)
            return 0
        case .json(let json):
            let start = bytes.count
            bytes.append(json)
            try refuseZeroBytes(from: start)
            return 0
        default:
            bytes.appendBinary(value)
            return 1
        }
    }

    /// The text would silently end there.
    private func refuseZeroBytes(from start: Int) throws(PostgresError) {
        guard !bytes.containsZero(from: start) else {
            throw PostgresError(.usage, "a text contains a zero byte, which PostgreSQL cannot store")
        }
    }

    private func reserve(_ count: Int) {
        guard count > capacity else { return }
        release()
        capacity = max(count, capacity * 2)
        unsafe pointers = .allocate(capacity: capacity)
        unsafe lengths = .allocate(capacity: capacity)
        unsafe formats = .allocate(capacity: capacity)
        unsafe types = .allocate(capacity: capacity)
    }

    private func release() {
        unsafe pointers.deallocate()
        unsafe lengths.deallocate()
        unsafe formats.deallocate()
        unsafe types.deallocate()
    }
}

extension PostgresValue {
    var isNull: Bool { if case .null = self { true } else { false } }
}
