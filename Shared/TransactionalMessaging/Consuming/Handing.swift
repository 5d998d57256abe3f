package import EventContract

extension Consumer {
    /// Handles one event as the loop would, for whoever has it from elsewhere than a topic.
    ///
    /// Each event is handled once: also when the loop had it before, or gets it later. Types that are not listed are
    /// skipped. Nothing is parked; what a handler throws is thrown.
    package func handle(_ payload: some EventPayload, _ envelope: EventEnvelope, in database: Database) async throws {
        guard let subscription = handlers[envelope.type.text] else { return }
        let decoded = try subscription.decode(try EventCoding.encode(payload))
        let told = ToldEvent(payload: decoded, envelope: envelope, cause: .message(envelope, consumer: group))
        try await database.change(because: told.cause) { change in try subscription.handle(told, &change) }
    }
}
