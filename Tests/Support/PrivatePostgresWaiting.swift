import Foundation

/// Polls until a condition holds; fails with the sentence when it does not in time.
package func waitUntil(
    _ sentence: String, within limit: Duration = .seconds(30), _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else {
            throw TestSupportError("waited \(limit) in vain until \(sentence)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// A port of the loopback interface that nobody listens on.
package enum FreePort {
    /// Asks the system for one and gives it back; whoever is quick may take it before us.
    package static func pick() throws -> Int {
        guard let port = bound(to: 0) else { throw TestSupportError("the system gave no free port") }
        return port
    }

    /// A number that makes free ports of all these when it is added to them; out of the range the system gives from.
    package static func base(for offsets: [Int]) throws -> Int {
        for _ in 0..<100 {
            let base = Int.random(in: 200...319) * 100
            if offsets.allSatisfy({ bound(to: base + $0) != nil }) { return base }
        }
        throw TestSupportError("there are no \(offsets.count) free ports side by side between 20000 and 32000")
    }

    /// The port a socket could be bound to for a moment; nil when it is taken.
    private static func bound(to port: Int) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        return outcome ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
