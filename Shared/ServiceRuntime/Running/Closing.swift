import ServiceLifecycle

/// Does nothing but hold its place in the order, and closes something when its turn to stop comes.
struct Closing: ServiceLifecycle.Service {
    let name: String
    let close: @Sendable () async -> Void

    init(name: String, _ close: @escaping @Sendable () async -> Void) {
        self.name = name
        self.close = close
    }

    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}
