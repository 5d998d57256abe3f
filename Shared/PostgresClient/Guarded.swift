import CPostgres

/// A value behind a POSIX mutex.
///
/// The thread sanitizer understands this one and reports false races on the standard library's.
/// Unchecked: every access to `value` holds the mutex, which lives exactly as long as the object.
@safe
final class Guarded<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    init(_ value: sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func withLock<Answer, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}

/// Where one thread sleeps until another wakes it; a wake before the sleep is not lost.
///
/// Unchecked: `woken` is only touched with the mutex held, and both C objects live as long as this one.
@safe
final class Parking: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var woken = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe qpg_condition_init(condition)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func wake() {
        unsafe pthread_mutex_lock(mutex)
        woken = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Sleeps until woken, or until the time is over.
    func sleep(for limit: Duration? = nil) {
        unsafe pthread_mutex_lock(mutex)
        defer {
            woken = false
            unsafe pthread_mutex_unlock(mutex)
        }
        while !woken {
            guard let limit else {
                unsafe pthread_cond_wait(condition, mutex)
                continue
            }
            // An early wake-up by the system is told to the caller like a time-out: both look at their state again.
            if unsafe qpg_condition_wait_for(condition, mutex, max(limit.milliseconds, 1)) != 0 { return }
        }
    }
}

/// Runs a body on a new thread of its own, named for debuggers and profilers.
///
/// Blocking calls belong here: the threads of Swift's pool are as few as the cores.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var thread = pthread_t()
    let start = unsafe Unmanaged.passRetained(Start(String(name.prefix(15)), body))
    let outcome = unsafe pthread_create(
        &thread, nil,
        { argument in
            guard let argument = unsafe argument else { return nil }
            let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            _ = unsafe pthread_setname_np(pthread_self(), start.name)
            start.body()
            return nil
        }, start.toOpaque())
    precondition(outcome == 0, "the system has no more threads")
    pthread_detach(thread)
}
