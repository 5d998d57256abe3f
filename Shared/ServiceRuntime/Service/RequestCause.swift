package import HTTPServer
import PaymentModel
import PostgresClient
package import TransactionalMessaging

extension Request {
    /// What makes this request's change happen once, however often the request is sent.
    ///
    /// The caller's key counts within the caller: two people who choose the same key do not get each other's answers.
    /// A request without a key is a cause of its own, since nothing tells that another is its repetition.
    package func cause() throws(Problem) -> Cause {
        let principal = try principal
        let key = idempotencyKey.map { "\(principal.subject) \($0.text)" } ?? "unkeyed \(id)"
        return Cause(
            .request(key: key, fingerprint: idempotencyKey?.fingerprint ?? []), organisation: principal.organisation,
            actor: principal.subject, correlation: correlation, traceparent: traceparent)
    }
}

/// What errors of the layers below mean for a caller.
package enum StorageProblems {
    /// The problem of an error of the database or the inbox; nil when it is a mistake of ours.
    package static func problem(of error: any Error) -> Problem? {
        switch error {
        case is CauseConflict:
            Problem(
                .idempotencyKeyReused, detail: "The Idempotency-Key was used before with another request.",
                remedy: "Send the first request again unchanged, or choose a new key for a new request.")
        case is AnswerErased:
            Problem(
                .gone, detail: "It was done; the person its answer told of was erased since.",
                remedy: "Nothing is left to do: read what you need anew.")
        case let error as PostgresError: problem(of: error)
        default: nil
        }
    }

    private static func problem(of error: PostgresError) -> Problem? {
        switch error.kind {
        case .connection, .poolExhausted, .closed: .retry(.unavailable, after: 2)
        case .timeout: .retry(.tookTooLong, after: 5, detail: "Nothing was stored.")
        case .commitUnknown: .retry(.tookTooLong, after: 2, detail: "It may or may not have been stored.")
        case .cancelled: .retry(.tookTooLong, after: 5, detail: "Nothing was stored.")
        case .server: error.isTransient ? .retry(.unavailable, after: 1) : nil
        case .decoding, .usage: nil
        }
    }
}
