import CKafka
import Glibc

/// Something a thread can sleep on until anyone, the C library included, rings.
final class Wakeup: Sendable {
    /// What rings when written to; the C library writes ``ring`` to it.
    let descriptor: Int32
    /// The eight bytes an event descriptor takes.
    static let ring: UInt64 = 1

    init() throws(KafkaError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw KafkaError(.other, "the system has no file descriptor left") }
    }

    deinit { Glibc.close(descriptor) }

    /// Wakes the sleeper, or the next one who would sleep.
    func signal() { _ = eventfd_write(descriptor, Self.ring) }

    /// Sleeps until someone rings, at most `limit`.
    func wait(atMost limit: Duration) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: max(0, limit.wholeMilliseconds))
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return }
        var rings: eventfd_t = 0
        unsafe _ = eventfd_read(descriptor, &rings)
    }
}

extension Duration {
    /// Rounded up, so that a wait is never shorter than asked.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (milliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return seconds * 1000 + milliseconds + (rest > 0 ? 1 : 0)
    }
}
