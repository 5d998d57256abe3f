import Glibc
import Synchronization

/// Gives the mock cluster's listeners the ports we want.
///
/// The library binds its listeners to any free port and offers no setting for it. A program's own `bind` comes before
/// the C library's when a shared library calls it, so while a cluster is being made ours fills in the port.
enum FixedPort {
    fileprivate static let next = Atomic<UInt32>(0)

    /// From here on, sockets bound to any free loopback port get `port` and the ones after it; 0 changes nothing.
    static func begin(at port: UInt16) { next.store(UInt32(port), ordering: .releasing) }

    /// Whether a listener could have the port now.
    static func isFree(_ port: UInt16) -> Bool {
        let attempt = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(attempt) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var reuse: Int32 = 1
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe setsockopt(attempt, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        return unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe bindToFixedPort(attempt, bytes.baseAddress, size) == 0
        }
    }

    /// Back to normal.
    static func end() { next.store(0, ordering: .releasing) }
}

private typealias Bind = @convention(c) (Int32, UnsafeRawPointer?, UInt32) -> Int32

/// The program's own `bind`; `package`, or a release build would hide it from the libraries.
@_cdecl("bind")
package func bindToFixedPort(_ socket: Int32, _ address: UnsafeRawPointer?, _ length: UInt32) -> Int32 {
    // `RTLD_NEXT` is a cast in C and so invisible here: the search goes on after this program.
    let afterThisProgram = unsafe UnsafeMutableRawPointer(bitPattern: -1)
    guard let symbol = unsafe dlsym(afterThisProgram, "bind") else { return -1 }
    let original = unsafe unsafeBitCast(symbol, to: Bind.self)
    guard let address = unsafe address, length >= MemoryLayout<sockaddr_in>.size,
        FixedPort.next.load(ordering: .acquiring) != 0
    else { return unsafe original(socket, address, length) }
    var wanted = unsafe address.loadUnaligned(as: sockaddr_in.self)
    guard wanted.sin_family == sa_family_t(AF_INET), wanted.sin_port == 0 else {
        return unsafe original(socket, address, length)
    }
    let port = FixedPort.next.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
    wanted.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    // A restart must not wait for the last run's connections to fade.
    var reuse: Int32 = 1
    unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    return unsafe withUnsafeBytes(of: &wanted) { bytes in
        unsafe original(socket, bytes.baseAddress, length)
    }
}

/// Keeps clients out until the topics are there.
///
/// A client that reconnects at once would make the cluster create its topic first, with the wrong number of partitions.
/// So the program's own `accept` hangs up until the gate is open.
enum Gate {
    private static let isOpen = Atomic(false)

    /// Lets clients in from here on.
    static func open() { isOpen.store(true, ordering: .releasing) }

    fileprivate static var isShut: Bool { !isOpen.load(ordering: .acquiring) }
}

private typealias Accept =
    @convention(c) (Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32

/// The program's own `accept`; `package` for the same reason.
@_cdecl("accept")
package func acceptWhenOpen(
    _ listener: Int32, _ address: UnsafeMutableRawPointer?, _ length: UnsafeMutableRawPointer?
) -> Int32 {
    let afterThisProgram = unsafe UnsafeMutableRawPointer(bitPattern: -1)
    guard let symbol = unsafe dlsym(afterThisProgram, "accept") else { return -1 }
    let connection = unsafe unsafeBitCast(symbol, to: Accept.self)(listener, address, length)
    guard connection >= 0, Gate.isShut else { return connection }
    close(connection)
    errno = EAGAIN
    return -1
}
