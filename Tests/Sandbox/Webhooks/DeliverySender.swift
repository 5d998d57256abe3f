/// How a notification travels; one method, so that the client can be replaced.
protocol DeliveryTransport: Sendable {
    func send(_ request: OutgoingRequest) async -> DeliveryResult
}

/// Carries notifications to their address and comes again until they are accepted.
struct DeliverySender: Sendable {
    let transport: any DeliveryTransport
    let world: World

    /// Runs until the stream ends.
    func run(_ departures: AsyncStream<Delivery>) async {
        await withDiscardingTaskGroup { group in
            for await delivery in departures {
                group.addTask { await deliver(delivery) }
            }
        }
    }

    /// Waits its delay, then tries up to its limit; the wait doubles from one try to the next.
    private func deliver(_ delivery: Delivery) async {
        if delivery.delayMilliseconds > 0 { await pause(delivery.delayMilliseconds) }
        var wait = delivery.retryMilliseconds
        for number in 1...max(1, delivery.attemptsMax) {
            guard await world.perform({ $0.webhooks.isWanted(delivery) }) else { return }
            if await attempt(delivery) || number == delivery.attemptsMax || Task.isCancelled { return }
            await pause(wait)
            wait = min(wait * 2, 60_000)
        }
    }

    /// One try; true when the receiver took it.
    func attempt(_ delivery: Delivery) async -> Bool {
        let result = await transport.send(delivery.request)
        await world.perform { $0.webhooks.attempted(delivery.id, result) }
        return result.isAccepted
    }
}
