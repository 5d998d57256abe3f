import PaymentModel

/// Collects the headers of one record, then makes an envelope of them.
struct HeaderReader {
    private var texts: [CloudEventHeader: String] = [:]

    mutating func take(_ name: String, _ text: String) throws(ContractViolation) {
        // Unknown headers belong to others: tracing agents and bridges add them.
        guard let header = CloudEventHeader(rawValue: name) else { return }
        guard texts.updateValue(text, forKey: header) == nil else {
            throw ContractViolation(name, .repeated, "is there more than once")
        }
    }

    func envelope() throws(ContractViolation) -> EventEnvelope {
        try checkContentType()
        try check(.specVersion, is: CloudEvent.specVersion)
        let type = try parsed(.type, "org.quittance.<owner>.<name>.v<version>", EventType.init)
        try check(.source, is: type.owner.source)
        return EventEnvelope(
            id: try parsed(.id, "a UUID", EventID.init),
            type: type,
            subject: try parsed(.subject, "a UUID") { UInt128(uuidText: $0) },
            time: try parsed(.time, "a time as in RFC 3339", Instant.init),
            sequence: try parsed(.sequence, "a whole number, not negative", sequenceNumber),
            organisation: try parsed(.organisation, "a UUID", OrganisationID.init),
            clinic: try optional(.clinic, "a UUID", ClinicID.init),
            correlation: try parsed(.correlation, "a UUID", CorrelationID.init),
            causation: try optional(.causation, "a UUID", EventID.init),
            // A broken trace is no reason to refuse a payment: W3C says to start a new one.
            traceparent: texts[.traceparent].flatMap { isTraceparent($0) ? $0 : nil })
    }

    private func checkContentType() throws(ContractViolation) {
        let text = try required(.contentType).lowercased()
        let media = text.prefix { $0 != ";" && $0 != " " }
        guard media == CloudEvent.contentType else {
            let reason = media.hasPrefix("application/cloudevents") ? "structured mode is not read" : "is not JSON"
            throw violation(.contentType, .unsupported, reason)
        }
    }

    private func check(_ header: CloudEventHeader, is expected: String) throws(ContractViolation) {
        guard try required(header) == expected else { throw violation(header, .unsupported, "is not \(expected)") }
    }

    private func required(_ header: CloudEventHeader) throws(ContractViolation) -> String {
        guard let text = texts[header] else { throw ContractViolation(header.rawValue, .missing, "is not there") }
        return text
    }

    private func parsed<T>(
        _ header: CloudEventHeader, _ expected: String, _ parse: (String) -> T?
    ) throws(ContractViolation) -> T {
        guard let value = parse(try required(header)) else { throw violation(header, .malformed, "is not \(expected)") }
        return value
    }

    private func optional<T>(
        _ header: CloudEventHeader, _ expected: String, _ parse: (String) -> T?
    ) throws(ContractViolation) -> T? {
        texts[header] == nil ? nil : try parsed(header, expected, parse)
    }

    private func violation(
        _ header: CloudEventHeader, _ kind: ContractViolation.Kind, _ reason: String
    ) -> ContractViolation {
        ContractViolation(header.rawValue, kind, "\(reason): \((texts[header] ?? "").prefix(80))")
    }
}

private func sequenceNumber(_ text: String) -> Int64? {
    guard let number = Int64(text), number >= 0, String(number) == text else { return nil }
    return number
}

/// Version 00 of W3C trace context: version, trace, parent, flags in lower-case hexadecimal.
private func isTraceparent(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.map(\.count) == [2, 32, 16, 2]
        && parts.allSatisfy { part in
            part.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
        }
}
