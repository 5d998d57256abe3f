import EventContract
import Foundation
import KafkaClient
import PaymentModel

/// The golden samples of the contract as records.
enum Samples {
    /// A type and the golden JSON of it.
    struct Sample {
        let type: EventType
        let json: [UInt8]
    }

    static func all() throws -> [Sample] {
        let folder = Checkout.root.appending(path: "Tests/Unit/EventContract/Golden")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted().compactMap { name in
            let text = name.replacing(".minimal", with: "").replacing(".json", with: "")
            let json = Array(try Data(contentsOf: folder.appending(path: name)).dropLast())
            return EventType(text).map { Sample(type: $0, json: json) }
        }
    }

    /// A record of subject `number`, with the headers the contract gives it.
    static func record(_ sample: Sample, sequence: Int64, number: Int) throws -> KafkaRecord {
        let ids = IdentifierSource.fixed(UInt64(number))
        let envelope = EventEnvelope(
            id: ids.make(), type: sample.type, subject: UInt128(number), time: Instant(secondsSince1970: 1_795_301_423),
            sequence: sequence, organisation: ids.make(), correlation: ids.make())
        return KafkaRecord(
            topic: sample.type.topic.rawValue, key: Array(envelope.key.utf8), value: sample.json,
            headers: CloudEvent.headers(of: envelope).map { KafkaHeader($0.0, $0.1) })
    }
}

/// The files of the checkout the tests were built from.
enum Checkout {
    // …/Tests/Integration/EventContract/Samples.swift
    static let root = URL(filePath: "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/"))
}
