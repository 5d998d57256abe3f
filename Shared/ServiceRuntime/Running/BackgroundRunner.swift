import Logging
import Observability
import ServiceLifecycle

/// Keeps work going that should never end, and starts it again when it does.
struct BackgroundRunner: ServiceLifecycle.Service {
    private let work: Background
    private let logger: Logger

    private static let firstWait = Duration.milliseconds(200)
    private static let waitMax = Duration.seconds(30)

    init(_ work: Background, logger: Logger) {
        self.work = work
        self.logger = logger
    }

    func run() async throws {
        var wait = Self.firstWait
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let start = ContinuousClock.now
            do {
                try await cancelWhenGracefulShutdown { try await work.run() }
            } catch {
                guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
                logger.error(
                    "background work failed and is started again",
                    metadata: [LogField.job: .string(work.name), LogField.reason: .string("\(error)")])
            }
            // What ran well for a while begins anew with a short wait.
            wait = ContinuousClock.now - start > Self.waitMax ? Self.firstWait : min(wait * 2, Self.waitMax)
            try? await cancelWhenGracefulShutdown { [wait] in try await Task.sleep(for: wait) }
        }
    }
}
