import HummingbirdCore
import NIOCore

/// Sends live events until they end, the reader leaves, its token expires, or the server stops.
struct LiveStream {
    let events: AsyncStream<ServerSentEvent>
    let pipeline: RequestPipeline
    /// How long the reader's token is good for; nil where it needs none.
    let timeMax: Duration?

    /// How many events wait for a slow reader; more, and the oldest are dropped: a reader that comes back reads anew.
    private static let waitingMax = 256

    @concurrent
    func write(to writer: inout any ResponseBodyWriter, _ channel: any Channel) async throws {
        guard pipeline.streams.enter() else { return try await writer.finish(nil) }
        defer { pipeline.streams.leave() }
        let (bytes, sink) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingNewest(Self.waitingMax))
        let number = pipeline.stop.onStop { sink.finish() }
        defer { pipeline.stop.forget(number) }
        let feeding = Task { [events, timeMax, heartbeat = pipeline.limits.heartbeat] in
            await Self.feed(sink, events, heartbeat: heartbeat, timeMax: timeMax)
        }
        defer { feeding.cancel() }
        // As soon as the reader closes its side, rather than at the next sign of life.
        DisconnectWatch.whenGone(channel) { sink.finish() }
        for await part in bytes { try await writer.write(ByteBuffer(bytes: part)) }
        try await writer.finish(nil)
    }

    private static func feed(
        _ sink: AsyncStream<[UInt8]>.Continuation, _ events: AsyncStream<ServerSentEvent>, heartbeat: Duration,
        timeMax: Duration?
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events { sink.yield(event.bytes) }
            }
            group.addTask {
                while !Task.isCancelled {
                    sink.yield(ServerSentEvent.heartbeat)
                    do { try await Task.sleep(for: heartbeat) } catch { return }
                }
            }
            if let timeMax { group.addTask { try? await Task.sleep(for: timeMax) } }
            await group.next()
            sink.finish()
            group.cancelAll()
        }
    }
}
