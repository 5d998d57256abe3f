package import KafkaClient

extension KafkaDelivery {
    /// True when the broker has it.
    package var isDelivered: Bool {
        if case .delivered = self { true } else { false }
    }

    /// Why it was not delivered.
    package var error: KafkaError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

extension [KafkaDelivery] {
    /// True when the broker has all of them.
    package var areDelivered: Bool { allSatisfy { $0.isDelivered } }
}
