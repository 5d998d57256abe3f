import FoundationEssentials
import HTTPServer
import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// The waiting screen's stream: orange until the provider decided, CON-2 and PAY-7.
struct LiveRoutes: Sendable {
    let payments: PaymentRoutes
    let database: Database
    let watched: WatchedPayments
    /// How often a screen looks by itself, for a ring that was lost.
    var lookEvery = Duration.seconds(5)

    var routes: [Route] {
        [Route(.get, "/v1/payments/{paymentID}/live", operation: "watchPayment", access: .seePayments, watch)]
    }

    @Sendable private func watch(_ request: Request) async throws -> Response {
        // A payment the caller may not see ends here, before anything is streamed.
        let record = try await payments.visible(try request.path("paymentID"), request)
        let (events, screen) = AsyncStream.makeStream(of: ServerSentEvent.self, bufferingPolicy: .bufferingNewest(16))
        let watching = Task { await show(record, request, screen) }
        screen.onTermination = { _ in watching.cancel() }
        return .serverSentEvents(events)
    }

    private func show(_ record: PaymentRecord, _ request: Request, _ screen: AsyncStream<ServerSentEvent>.Continuation)
        async
    {
        watched.open(record.id)
        defer {
            watched.close(record.id)
            screen.finish()
        }
        var last: LiveAnswer?
        for await _ in hints(of: record.id) {
            // A look that fails is made up for by the next.
            guard let now = try? await payments.visible(record.id, request) else { continue }
            let view = LiveAnswer(now)
            guard view != last else { continue }
            last = view
            if let event = event(view) { screen.yield(event) }
            guard now.payment.state.isLive else { return }
        }
    }

    private func event(_ view: LiveAnswer) -> ServerSentEvent? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A view is a few texts; should one not be writable, the next will be.
        guard let data = try? encoder.encode(view) else { return nil }
        return ServerSentEvent(id: "\(view.version)", name: "payment", data: String(decoding: data, as: UTF8.self))
    }

    /// When to look: at once, when the payment's bell rings, and every few seconds all the same.
    private func hints(of id: PaymentID) -> AsyncStream<Void> {
        let (hints, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let rings = database.pool.notifications(PaymentBell.channel)
        let ringing = Task { for await ring in rings where ring.isEmpty || ring == id.description { sink.yield() } }
        let ticking = Task { [lookEvery] in
            while !Task.isCancelled {
                sink.yield()
                do { try await Task.sleep(for: lookEvery) } catch { return }
            }
        }
        sink.onTermination = { _ in
            ringing.cancel()
            ticking.cancel()
        }
        return hints
    }
}
