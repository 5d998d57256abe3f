import NIOCore

/// Notices at once that a client has closed its side of a connection.
///
/// The stream of the requests' parts ends then too, but nobody reads that while an answer is being written.
final class DisconnectWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private var waiting: [@Sendable () -> Void] = []
    private var isGone = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { tell() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        tell()
        context.fireChannelInactive()
    }

    private func tell() {
        isGone = true
        let waiting = waiting
        self.waiting = []
        for tell in waiting { tell() }
    }

    private func whenGone(_ tell: @escaping @Sendable () -> Void) {
        if isGone { tell() } else { waiting.append(tell) }
    }

    /// Calls back once when the client of this connection has gone, at once when it has already.
    static func whenGone(_ channel: any Channel, _ tell: @escaping @Sendable () -> Void) {
        channel.eventLoop.execute {
            guard let watch = try? channel.pipeline.syncOperations.handler(type: DisconnectWatch.self) else {
                // Without its handlers the connection is closed.
                return tell()
            }
            watch.whenGone(tell)
        }
    }
}
