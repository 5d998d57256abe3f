/// The names of what log lines carry beside their constant text.
///
/// One list for all services, so that a search written for one finds the same thing in the others. None of them holds
/// personal data: people appear as ids only.
package enum LogField {
    /// W3C trace id, 32 hexadecimal digits.
    package static let traceID = "traceId"
    /// W3C span id of this service's part, 16 hexadecimal digits.
    package static let spanID = "spanId"
    /// The id that follows one piece of work through all services.
    package static let correlationID = "correlationId"
    /// The event or request that made this happen.
    package static let causationID = "causationId"
    /// The event's id.
    package static let eventID = "eventId"
    /// The event's type with its version.
    package static let eventType = "eventType"
    /// The aggregate the line is about.
    package static let subjectID = "subjectId"
    /// The organisation whose data is concerned.
    package static let organisationID = "organisationId"
    /// The clinic whose data is concerned.
    package static let clinicID = "clinicId"
    /// Name of the service.
    package static let service = "service"
    /// Name of the operation of the API.
    package static let operation = "operation"
    /// HTTP method.
    package static let method = "method"
    /// Path template of the route, never the path itself: paths may hold tokens.
    package static let route = "route"
    /// HTTP status of the answer.
    package static let status = "status"
    /// Stable code of the problem that was answered.
    package static let problem = "problem"
    /// Role of the caller.
    package static let role = "role"
    /// How long it took, in milliseconds.
    package static let durationMilliseconds = "durationMs"
    /// Bytes received.
    package static let bytesIn = "bytesIn"
    /// Bytes sent.
    package static let bytesOut = "bytesOut"
    /// What went wrong, in words for an operator.
    package static let reason = "reason"
    /// What an operator can do about it.
    package static let remedy = "remedy"
    /// Type of the error.
    package static let errorType = "errorType"
    /// Name of a job.
    package static let job = "job"
    /// Which try this was, counted from one.
    package static let attempt = "attempt"
    /// How long until the next try, in milliseconds.
    package static let retryInMilliseconds = "retryInMs"
    /// Kafka topic.
    package static let topic = "topic"
    /// Kafka partition.
    package static let partition = "partition"
    /// Kafka offset.
    package static let offset = "offset"
    /// Kafka consumer group.
    package static let group = "group"
    /// A number of things, named by the message.
    package static let count = "count"
    /// SQLSTATE of a database error.
    package static let sqlState = "sqlState"
    /// Payment provider, SMS gateway or other outside party.
    package static let provider = "provider"
    /// Name of a setting.
    package static let setting = "setting"
    /// Host that is listened on or called.
    package static let host = "host"
    /// Port that is listened on or called.
    package static let port = "port"
    /// Version of the schema or of the program.
    package static let version = "version"
}
