import CPostgres

/// Growing memory for what goes to the server; addresses hold until the next growth.
///
/// Safe: the memory is its own allocation, every write is within the capacity it reserved before, freed once.
@safe
final class ByteBuffer {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    private static let first = 4_096
    private static let keptMax = 256 * 1_024

    init(capacity: Int = first) { unsafe memory = .allocate(byteCount: capacity, alignment: 8) }

    deinit { unsafe memory.deallocate() }

    /// Forgets the bytes; memory that one large statement needed is not kept for all later ones.
    func removeAll() {
        count = 0
        guard unsafe memory.count > Self.keptMax else { return }
        unsafe memory.deallocate()
        unsafe memory = .allocate(byteCount: Self.first, alignment: 8)
    }

    /// The address of a byte, for a C call that ends before anything is added.
    func pointer(at offset: Int) -> UnsafePointer<CChar>? {
        guard let base = unsafe memory.baseAddress else { return nil }
        return unsafe UnsafePointer(base.advanced(by: offset).assumingMemoryBound(to: CChar.self))
    }

    func append(_ byte: UInt8) {
        reserve(1)
        unsafe memory[count] = byte
        count += 1
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Adds a number, most significant byte first, as the wire has it.
    func append(bigEndian number: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe append($0) }
    }

    /// Writes a length that was not known when its place was left.
    func overwrite(at offset: Int, bigEndian number: Int32) {
        unsafe memory.storeBytes(of: number.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    func containsZero(from start: Int) -> Bool {
        guard start < count, let first = unsafe pointer(at: start) else { return false }
        return unsafe memchr(first, 0, count - start) != nil
    }

    private func append(_ source: UnsafeRawBufferPointer) {
        reserve(source.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: source)
        count += source.count
    }

    private func reserve(_ more: Int) {
        guard unsafe count + more > memory.count else { return }
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count + more, memory.count * 2), alignment: 8)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        unsafe memory.deallocate()
        unsafe memory = larger
    }
}
