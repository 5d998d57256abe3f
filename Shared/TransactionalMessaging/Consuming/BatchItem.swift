import KafkaClient
import Logging
import Observability

/// A record on its way through the tries.
struct BatchItem: Sendable {
    let record: KafkaConsumedRecord
    let reading: Reading
    var tries = 0
    var outages = 0

    init(record: KafkaConsumedRecord, reading: Reading) {
        self.record = record
        self.reading = reading
    }

    var message: Message? {
        guard case .message(let message) = reading else { return nil }
        return message
    }

    var isWanted: Bool {
        guard case .skip = reading else { return true }
        return false
    }

    func metadata(because reason: String, _ group: String) -> Logger.Metadata {
        [
            LogField.group: "\(group)", LogField.topic: "\(record.topic)", LogField.partition: "\(record.partition)",
            LogField.offset: "\(record.offset)", LogField.attempt: "\(tries)", LogField.reason: "\(reason)",
        ]
    }
}
