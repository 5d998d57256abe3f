import Foundation

// Foundation's `Process` lists `/proc/self/fd` before it starts a program, and of each entry it copies the 256 bytes
// that C declares for a name, though entries are as short as their names (swift-corelibs-foundation's pull request
// 5472; Swift 6.3 has the fault). With some 1,330 descriptors open, as when hundreds of tests run at once, the last
// copies go past the end of the list, and where memory ends there, so do the tests. A program's own `readdir` comes
// before the C library's when a shared library calls it (see Package.swift), so ours answers with entries that have
// all their bytes.

private typealias ReadEntry = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

private enum DescriptorEntry {
    /// The C library's own; `RTLD_NEXT` is a cast in C and so invisible here: the search goes on after this program.
    static let read: ReadEntry? = {
        guard let symbol = unsafe dlsym(UnsafeMutableRawPointer(bitPattern: -1), "readdir") else { return nil }
        return unsafe unsafeBitCast(symbol, to: ReadEntry.self)
    }()

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { unsafe free($0) }
        return key
    }()

    /// This thread's room for one entry, freed as the thread ends.
    private static var room: UnsafeMutableRawPointer? {
        if let room = unsafe pthread_getspecific(key) { return unsafe room }
        let room = unsafe calloc(1, MemoryLayout<dirent>.size)
        unsafe pthread_setspecific(key, room)
        return unsafe room
    }

    /// The same entry with all the bytes that C declares; another kind than a descriptor's stays where it is.
    static func whole(_ entry: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        guard let lengthAt = MemoryLayout<dirent>.offset(of: \.d_reclen),
            let typeAt = MemoryLayout<dirent>.offset(of: \.d_type),
            let nameAt = MemoryLayout<dirent>.offset(of: \.d_name),
            unsafe entry.load(fromByteOffset: typeAt, as: UInt8.self) == UInt8(DT_LNK),
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(unsafe entry.load(fromByteOffset: nameAt, as: UInt8.self)),
            let room = unsafe room
        else { return unsafe entry }
        let length = Int(unsafe entry.load(fromByteOffset: lengthAt, as: UInt16.self))
        unsafe room.copyMemory(from: entry, byteCount: min(length, MemoryLayout<dirent>.size))
        return unsafe room
    }
}

/// The tests' own `readdir`; `package`, or a release build would hide it from the libraries.
@_cdecl("readdir")
package func readDescriptorEntry(_ folder: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let entry = unsafe DescriptorEntry.read?(folder) else { return nil }
    return unsafe DescriptorEntry.whole(entry)
}
