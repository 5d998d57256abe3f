package import Foundation

extension Process {
    /// Starts the program with no signal held back.
    ///
    /// A program inherits the signal mask of the thread that starts it, and the threads of Swift's pool block nearly
    /// all: a server started from there would ignore SIGTERM, and `pgbench` its alarm clock.
    package func runWithOpenSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
