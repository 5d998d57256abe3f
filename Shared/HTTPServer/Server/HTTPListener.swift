import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Listens on a port and hands requests to a pipeline.
package struct HTTPListener: Service {
    private let pipeline: RequestPipeline
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// A listener; port 0 lets the system choose, and `onListening` is told which it is.
    package init(
        _ pipeline: RequestPipeline, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.pipeline = pipeline
        self.host = host
        self.port = port
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until a graceful shutdown: then requests in hand are finished and streams ended.
    package func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                pipeline.beginStop()
            }
        } catch let error as IOError {
            throw ListeningFailed(address: "\(host):\(port)", reason: error)
        }
    }

    /// The address could not be had.
    package struct ListeningFailed: Error, CustomStringConvertible {
        let address: String
        let reason: IOError

        /// EADDRINUSE, which only the C library has by name.
        private static let isTaken: CInt = 98

        package var description: String {
            reason.errnoCode == Self.isTaken
                ? "\(address) is taken by another program: end it, or set QUITTANCE_HTTP_PORT."
                : "cannot listen on \(address) (QUITTANCE_HTTP_HOST, QUITTANCE_HTTP_PORT): \(reason)"
        }
    }

    private var application: Application<CallbackResponder<ConnectionContext>> {
        let limits = pipeline.limits
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [DisconnectWatch()], idleTimeout: .nanoseconds(limits.idleMax.nanoseconds))
        return Application(
            responder: CallbackResponder { [pipeline] request, context in
                await HummingbirdBridge.respond(to: request, context.channel, pipeline)
            },
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connectionsMax)),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: quiet)
    }

    /// The framework logs each connection; ours is one line for each request.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }
}

/// Keeps the connection of a request, to close it after an answer that left a part unread.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}
