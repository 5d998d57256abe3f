package import Logging
import SystemPackage

/// Writes each log line as one JSON object on standard error.
///
/// Standard error because standard output is block-buffered when it is not a terminal: the last lines before a crash
/// would be lost. The message is constant text; what varies is in the fields of ``LogField``.
package struct JSONLinesLogHandler: LogHandler {
    /// Gives the time of a line as RFC 3339 text; from outside, as everything about time.
    package typealias Timestamp = @Sendable () -> String

    /// Takes a finished line, with its line break.
    package typealias Sink = @Sendable (String) -> Void

    /// Fields on every line of this logger.
    package var metadata: Logger.Metadata = [:]

    /// Lines below this level are not written.
    package var logLevel: Logger.Level

    /// Fields found at the time of logging, such as those of the current task.
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let timestamp: Timestamp
    private let sink: Sink

    /// A handler for the logger named `label`.
    package init(
        label: String, level: Logger.Level, timestamp: @escaping Timestamp, sink: @escaping Sink = Self.standardError
    ) {
        self.label = label
        self.logLevel = level
        self.timestamp = timestamp
        self.sink = sink
    }

    /// A field of every line of this logger.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    package func log(event: LogEvent) {
        sink(line(of: event))
    }

    /// Writes to standard error; a line that cannot be written has nobody left to be told to.
    package static let standardError: Sink = { line in
        _ = try? FileDescriptor.standardError.writeAll(line.utf8)
    }
}

extension JSONLinesLogHandler {
    private func line(of event: LogEvent) -> String {
        var line = "{\"time\":"
        line.reserveCapacity(256)
        JSONText.append(timestamp(), to: &line)
        line.append(",\"level\":\"\(event.level.rawValue)\",\"logger\":")
        JSONText.append(label, to: &line)
        line.append(",\"message\":")
        JSONText.append(event.message.description, to: &line)
        for (key, value) in fields(of: event).sorted(by: { $0.key < $1.key }) {
            line.append(",")
            JSONText.append(key, to: &line)
            line.append(":")
            Self.append(value, to: &line)
        }
        line.append("}\n")
        return line
    }

    /// The nearest wins: the line's own fields over the logger's over the task's.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadataProvider?.get() ?? [:]
        fields.merge(metadata) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            fields[LogField.reason] = .string(Secret.redacting("\(error)"))
        }
        return fields
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout String) {
        switch value {
        case .string(let text): JSONText.append(text, to: &line)
        case .stringConvertible(let number as any FixedWidthInteger): line.append("\(number)")
        case .stringConvertible(let flag as Bool): line.append(flag ? "true" : "false")
        case .stringConvertible(let other): JSONText.append(other.description, to: &line)
        case .array(let values): append(values, to: &line)
        case .dictionary(let fields): append(fields, to: &line)
        }
    }

    private static func append(_ values: [Logger.MetadataValue], to line: inout String) {
        line.append("[")
        for (index, value) in values.enumerated() {
            if index > 0 { line.append(",") }
            append(value, to: &line)
        }
        line.append("]")
    }

    private static func append(_ fields: Logger.Metadata, to line: inout String) {
        line.append("{")
        for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { line.append(",") }
            JSONText.append(field.key, to: &line)
            line.append(":")
            append(field.value, to: &line)
        }
        line.append("}")
    }
}
